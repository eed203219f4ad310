/** What is put into the arguments of an operation: somebody's ids and keys, and otherwise plausible values. */
import type { Belongings } from "./belongings.js";

export interface Given {
  /** For an argument or input field of type `ID`, by the names that lead to it, such as `["input", "siteId"]`. */
  id(path: readonly string[], field: string): string;
  /** For a text such as `metricKey`. */
  key(name: string): string;
  /** For any other text; none: a word without meaning. */
  text(name: string): string | undefined;
}

/** Names nothing anywhere. */
export const nowhere = "01900000-ffff-7000-8000-00000000ffff";

/** The same id and key everywhere; all other texts are plausible for `asker`. */
export function allOf(id: string, key: string, asker: Belongings): Given {
  return { id: () => id, key: () => key, text: textOf(asker) };
}

/**
 * Ids of `asker` by the kind that each argument asks for, the first or another one of that kind; an argument whose kind
 * is unknown gets the tenant's id.
 */
export function ownOf(asker: Belongings, tenantId: string, index = 0): Given {
  return {
    id: (path, field) => idFor(asker, path, field, index) ?? tenantId,
    key: (name) => textOf(asker)(name) ?? "walker",
    text: textOf(asker),
  };
}

/** The id of the kind an argument asks for: `siteId` a site's, `id` of `Mutation.updateEmissionEntry` an entry's. */
export function idFor({ ids }: Belongings, path: readonly string[], field: string, index = 0): string | undefined {
  const name = snake(path.at(-1) ?? "").replace(/_?ids?$/, "");
  const kinds = [...ids.keys()].sort((a, b) => b.length - a.length);
  const called = (word: string) =>
    kinds.find((kind) => kind === word) ?? kinds.find((kind) => kind.endsWith(`_${word}`));
  const subject = snake(field);
  const kind =
    name === ""
      ? (kinds.find((one) => subject.includes(one)) ?? called(subject.split("_").at(-1) ?? ""))
      : called(name);
  return kind === undefined ? undefined : ids.get(kind)?.[index];
}

/** A text from a column of that name: `unit` is a unit, `roles` are keys of roles. */
function textOf({ texts }: Belongings): Given["text"] {
  return (name) => {
    // A thing of the same name may be there already.
    if (name === "name") return undefined;
    const column = snake(name);
    const columns = [column, `${column.replace(/s$/, "")}_keys`, column.replace(/s$/, "")];
    return columns.map((one) => texts.get(one)?.[0]).find((text) => text !== undefined);
  };
}

/** Whether a text argument carries the key of something: `key`, `metricKeys`, `factorSet`. */
export function isKey(name: string): boolean {
  return /(^|_)keys?$/.test(snake(name));
}

export function keysOf({ texts }: Belongings): string[] {
  return [...new Set([...texts].filter(([column]) => isKey(column)).flatMap(([, keys]) => keys))];
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
