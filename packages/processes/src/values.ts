/** Values on their way into the journal and back. */
import { ProcessesError } from "./errors.js";

/** JSON text, or `null` for `undefined`. `PROCESS_VALUE_INVALID`, `PROCESS_VALUE_TOO_LARGE` */
export function toText(what: string, value: unknown, limit: number): string | null {
  const text = asJson(what, value);
  if (text === undefined) return null;
  const bytes = Buffer.byteLength(text);
  if (bytes > limit) throw new ProcessesError("PROCESS_VALUE_TOO_LARGE", { what, bytes, limit });
  return text;
}

function asJson(what: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new ProcessesError("PROCESS_VALUE_INVALID", { what, problem: (error as Error).message });
  }
}

export const fromText = (text: string | null): unknown => (text === null ? undefined : JSON.parse(text));
