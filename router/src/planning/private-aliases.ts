/**
 * The planner knows a field by its response name, so `{ product { id: label } }` would pass for the key `id`. An alias that
 * is also the name of a field a plan asks for by itself is replaced by one nobody else uses.
 */
import { type DocumentNode, visit } from "graphql";
import { requiredPrefix } from "./required-arguments.js";

export interface Aliased {
  readonly document: DocumentNode;
  /** Private alias → the alias of the client. */
  readonly responseNames: Readonly<Record<string, string>>;
}

/** `reserved`: names of fields that keys, `@requires` and contexts consist of. */
export function withPrivateAliases(document: DocumentNode, reserved: ReadonlySet<string>): Aliased {
  const taken = new Set<string>();
  let isNeeded = false;
  visit(document, {
    Field: ({ alias, name }) => {
      taken.add(alias?.value ?? name.value);
      isNeeded ||= alias !== undefined && alias.value !== name.value && isReserved(alias.value, reserved);
    },
  });
  if (!isNeeded) return { document, responseNames: {} };

  const given = new Map<string, string>();
  const privateName = (alias: string, field: string): string => {
    // Equal aliases of different fields stand in selections that never meet.
    const key = `${alias} ${field}`;
    const known = given.get(key);
    if (known !== undefined) return known;
    let name = `_private${given.size}_${alias}`;
    while (taken.has(name)) name = `_${name}`;
    given.set(key, name);
    return name;
  };
  const aliased: DocumentNode = visit(document, {
    Field: (field) => {
      const { alias, name } = field;
      if (!alias || alias.value === name.value || !isReserved(alias.value, reserved)) return undefined;
      return { ...field, alias: { ...alias, value: privateName(alias.value, name.value) } };
    },
  });
  const names = [...given].map(([key, name]) => [name, key.slice(0, key.indexOf(" "))]);
  return { document: aliased, responseNames: Object.fromEntries(names) };
}

function isReserved(alias: string, reserved: ReadonlySet<string>): boolean {
  // `__proto__` is no key like others in objects of JavaScript.
  return alias === "__typename" || alias === "__proto__" || alias.startsWith(requiredPrefix) || reserved.has(alias);
}
