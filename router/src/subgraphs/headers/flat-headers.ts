/** Headers as undici takes them with the least work: name, value, name, value, … */
import type { OutgoingHeaders } from "./request-headers.js";

export function flat(constant: readonly string[], headers: OutgoingHeaders): string[] {
  const all = constant.slice();
  for (const [name, value] of headers) all.push(name, value);
  return all;
}
