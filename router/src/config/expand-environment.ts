/** `${env.NAME}` and `${env.NAME:-default}` inside the strings of a configuration. */

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expanded {
  /** The value with every variable filled in. */
  readonly value: unknown;
  /** Paths of the strings that held a variable, as JSON pointers. Their values may be secret. */
  readonly expanded: ReadonlySet<string>;
  readonly missing: readonly { readonly path: readonly (string | number)[]; readonly message: string }[];
}

const variable = /\$\{([^}]*)\}/g;
const reference = /^env\.([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** An empty variable counts as one that is not set, as in a shell. */
export function expandEnvironment(value: unknown, environment: Environment): Expanded {
  const expanded = new Set<string>();
  const missing: { path: readonly (string | number)[]; message: string }[] = [];

  function fill(text: string, path: readonly (string | number)[]): string {
    return text.replace(variable, (whole, inside: string) => {
      expanded.add(pointerOf(path));
      const [, name, fallback] = reference.exec(inside) ?? [];
      if (name === undefined) {
        missing.push({ path, message: `"${whole}" is no variable: write \${env.NAME} or \${env.NAME:-default}.` });
        return "";
      }
      const found = environment[name] || fallback;
      if (found !== undefined) return found;
      const example = `\${env.${name}:-default}`;
      missing.push({ path, message: `the environment has no ${name}. Set it, or write ${example}.` });
      return "";
    });
  }

  function walk(node: unknown, path: readonly (string | number)[]): unknown {
    if (typeof node === "string") return fill(node, path);
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, [...path, key])]));
  }

  return { value: walk(value, []), expanded, missing };
}

/** RFC 6901. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

export function pathOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
