import { errors } from "../errors.js";

/** The text without space around it. @throws TEXT_INVALID */
export function checkText(field: string, text: string, most: number): string {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > most) throw errors.TEXT_INVALID({ field, most });
  return trimmed;
}

/** Who decided, where it is a person or a client with an id of its own. */
export function uuidOf(id: string | undefined): string | null {
  return id !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id : null;
}

/** Whether a text in it holds U+0000, which PostgreSQL cannot store. */
export function holdsNul(value: unknown): boolean {
  return /(?:^|[^\\])(?:\\\\)*\\u0000/.test(JSON.stringify(value) ?? "");
}
