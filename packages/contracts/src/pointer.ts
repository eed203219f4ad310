/** JSON pointers (RFC 6901). */
export const escapePointer = (step: string): string => step.replaceAll("~", "~0").replaceAll("/", "~1");

/** The value at a JSON pointer, `undefined` where there is none. */
export function resolvePointer(root: unknown, pointer: string): unknown {
  let found = root;
  for (const step of pointer.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** The JSON pointer in a `$ref` such as `#/$defs/a%20name`. */
export function pointerOf(reference: string): string {
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return reference.slice(1);
  }
}
