import type { PersonRow } from "../queries/people.js";

/** For rows that always exist while their parent does. */
export function missing(what: string, id: string): never {
  throw new Error(`The ${what} of ${id} are missing.`);
}

/** A membership always names somebody, even in the moment between its own end and the person's. */
export function formerMember(id: string): PersonRow {
  return {
    id,
    name: "Former member",
    email: null,
    locale: null,
    createdAt: new Date(0),
    erasedAt: null,
    current: false,
  };
}
