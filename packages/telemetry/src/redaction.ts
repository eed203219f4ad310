/** Secrets never reach a log: values under these names are replaced wherever they appear. */

const censored = "[redacted]";

/** Compared without case, `-` and `_`: `Set-Cookie`, `setCookie` and `set_cookie` are one name. */
const secretNames =
  /^(?:authorization|proxyauthorization|cookies?|setcookie|.*password|passwd|.*secrets?|.*tokens?|x?apikeys?|.*privatekey|privatejwk|credentials?)$/;

/** Objects deeper than this are cut off, which also ends cycles. */
const deepest = 8;

/** A copy of `value` without secrets; the value itself when it holds none to hide. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) return "[deeper]";
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (!isPlain(value)) return value;
  return redactRecord(value, depth);
}

export function redactRecord(record: object, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    copy[name] = isSecret(name) && value !== null && value !== undefined ? censored : redact(value, depth + 1);
  }
  return copy;
}

function isSecret(name: string): boolean {
  return secretNames.test(name.replace(/[-_]/g, "").toLowerCase());
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
