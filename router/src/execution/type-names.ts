/** Type tests by `__typename`, in the form the leaves of a tree have. */
import { type GraphQLSchema, isAbstractType } from "graphql";
import { toJson } from "../request/json-text.js";
import type { LeafForm } from "./text/tree.js";

export interface TypeNames {
  readonly form: LeafForm;
  /** Names an object that is of the type may give, the type's own included: an interface object is not further known. */
  namesOf(typeName: string): readonly string[];
  /** A name as `__typename` holds it. */
  leaf(typeName: string): string;
  /** Leaves of all objects that are of one of the types. */
  leavesOf(typeNames: readonly string[]): ReadonlySet<unknown>;
}

/** Interface or union → its object types, those that clients do not see included. */
export type PossibleTypes = ReadonlyMap<string, ReadonlySet<string>>;

export function createTypeNames(schema: GraphQLSchema, form: LeafForm, possible?: PossibleTypes): TypeNames {
  const namesOf = (typeName: string): readonly string[] => {
    const known = possible?.get(typeName);
    if (known) return [typeName, ...known];
    const type = schema.getType(typeName);
    return isAbstractType(type) ? [typeName, ...schema.getPossibleTypes(type).map(({ name }) => name)] : [typeName];
  };
  const leaf = (typeName: string) => (form === "text" ? toJson(typeName) : typeName);
  return { form, namesOf, leaf, leavesOf: (names) => new Set(names.flatMap(namesOf).map(leaf)) };
}

/** An object that does not say what it is is taken to be of the type. */
export function isOneOf(leaves: ReadonlySet<unknown>, typename: unknown): boolean {
  return typename === undefined || typename === null || leaves.has(typename);
}
