import { errors } from "../errors.js";

/** @throws NOTE_INVALID */
export function checkNote(note: string, { mayBeEmpty = false } = {}): void {
  if (note.length > 2_000 || (!mayBeEmpty && note.trim() === "")) throw errors.NOTE_INVALID();
}
