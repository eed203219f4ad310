/** What names, codes and numbers have to look like. Pure; each throws VALUE_INVALID. */
import { errors } from "../errors.js";

const refuse = (field: string, reason: string): never => {
  throw errors.VALUE_INVALID({ field, reason });
};

/** Trimmed, not empty, at most 200 characters. */
export function nameValue(field: string, value: string): string {
  const name = value.trim().replace(/\s+/g, " ");
  return name.length >= 1 && name.length <= 200 ? name : refuse(field, "use 1 to 200 characters");
}

/** Trimmed, at most 2,000 characters, may be empty. */
export function textValue(field: string, value: string): string {
  const text = value.trim();
  return text.length <= 2_000 ? text : refuse(field, "use at most 2,000 characters");
}

/** Lower case; addresses are compared without regard to case. */
export function emailValue(value: string): string {
  const email = value.trim().toLowerCase();
  return /^[^\s@]+@[^\s@]+$/.test(email) && email.length <= 254 ? email : refuse("email", "this is no e-mail address");
}

export function wholeNumber(field: string, value: number, from: number, to: number): number {
  return value >= from && value <= to ? value : refuse(field, `use a number from ${from} to ${to}`);
}

const codes: Readonly<Record<string, RegExp>> = { country: /^[A-Z]{2}$/, currency: /^[A-Z]{3}$/ };
/** ISO 3166-1 alpha-2 or ISO 4217, by form. */
export function codeValue(field: "country" | "currency", value: string): string {
  return codes[field]?.test(value) ? value : refuse(field, `"${value}" is no ${field} code`);
}

export function timeZoneValue(value: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone && value;
  } catch {
    return refuse("timeZone", `"${value}" is no IANA time zone`);
  }
}

export function localeValue(value: string): string {
  try {
    return Intl.getCanonicalLocales(value)[0] ?? refuse("locale", "it is empty");
  } catch {
    return refuse("locale", `"${value}" is no BCP 47 language tag`);
  }
}

/** Lower-case words joined by hyphens, at most 60 characters. */
export function roleKeyValue(value: string): string {
  const valid = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value) && value.length <= 60;
  return valid ? value : refuse("key", "use lower-case words joined by hyphens");
}
