/**
 * What a password has to be, after NIST SP 800-63B-4 §3.1.1.2: long enough, not known to be common, not about the person.
 * No rules about kinds of characters, no expiry. Pure.
 */
import { errors } from "../errors.js";

const shortest = 12;
/** In characters. Long enough for any passphrase, short enough that hashing stays cheap. */
const longest = 256;

/** Fragments that make up most of the long passwords people reuse. */
const commonParts = [
  "password",
  "passwort",
  "qwertyuiop",
  "qwerty",
  "asdfghjkl",
  "zxcvbnm",
  "1q2w3e4r",
  "letmein",
  "welcome",
  "iloveyou",
  "administrator",
  "admin",
  "changeme",
  "monkey",
  "dragon",
  "football",
  "baseball",
  "sunshine",
  "princess",
  "trustno1",
  "starwars",
  "superman",
  "batman",
  "master",
  "shadow",
  "secret",
];

export interface AboutPerson {
  readonly email: string;
  readonly name: string;
}

/** NFKC, so that the same password typed on another keyboard gives the same bytes. */
export function normalisePassword(password: string): string {
  return password.normalize("NFKC");
}

/** @throws PASSWORD_TOO_WEAK with the reason. */
export function refuseWeakPassword(password: string, about: AboutPerson): void {
  const reason = weaknessOf(normalisePassword(password), about);
  if (reason !== null) throw errors.PASSWORD_TOO_WEAK({ reason });
}

function weaknessOf(password: string, about: AboutPerson): string | null {
  const characters = [...password];
  if (characters.length < shortest) return `use at least ${shortest} characters`;
  if (characters.length > longest) return `use at most ${longest} characters`;
  const lower = password.toLowerCase();
  if (new Set(lower).size < 5) return "it repeats the same few characters";
  if (isSequence(lower)) return "its characters follow one another";
  const left = without(lower, [...commonParts, ...wordsAbout(about)]);
  if (left < shortest / 2) return "it is made of common words, or of your own name or address";
  return null;
}

/** Characters that remain when known fragments are taken out; digits and signs at the edges hide nothing. */
function without(password: string, parts: readonly string[]): number {
  const rest = parts.reduce((text, part) => text.replaceAll(part, " "), password);
  const touched = rest.length !== password.length || rest.includes(" ");
  return (touched ? rest.replace(/[^\p{L}]/gu, "") : rest).length;
}

function wordsAbout({ email, name }: AboutPerson): string[] {
  const words = `${email} ${name}`.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return words.filter((word) => word.length >= 4);
}

function isSequence(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  return steps.filter((step) => step === 1).length > steps.length * 0.7 || steps.every((step) => step === -1);
}
