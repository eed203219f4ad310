/** What the subgraphs' schema files say about who may see what: schema coordinate of a type or field → what it takes. */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  type TypeNode,
  valueFromASTUntyped,
} from "graphql";

export interface FieldAccess {
  /** `Query.dashboard`, `Dashboard` */
  readonly coordinate: string;
  /** Whether the field itself says who may use it, be it everybody. */
  readonly stated: boolean;
  /** One entry for each rule of the field and of the type it returns; any list of scopes all held satisfies one. */
  readonly rules: readonly Rule[];
}

/** Alternatives, each a list of scopes that are needed together; without alternatives it takes an actor only. */
export type Rule = readonly (readonly string[])[];

/** `null` is nobody. */
export type Scopes = ReadonlySet<string> | null;

export type AccessTable = ReadonlyMap<string, FieldAccess>;

type ObjectNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

export function readAccessTable(documents: readonly DocumentNode[]): AccessTable {
  const objects = documents.flatMap(({ definitions }) => definitions.filter(isObject));
  const ofTypes = new Map<string, Rule[]>();
  for (const { name, directives } of objects) {
    ofTypes.set(name.value, [...(ofTypes.get(name.value) ?? []), ...rulesOf(directives)]);
  }
  const table = new Map<string, FieldAccess>();
  for (const [coordinate, rules] of ofTypes) table.set(coordinate, { coordinate, stated: rules.length > 0, rules });
  for (const object of objects) {
    for (const field of object.fields ?? []) add(table, object.name.value, field, ofTypes);
  }
  return table;
}

function add(
  table: Map<string, FieldAccess>,
  type: string,
  { name, type: returned, directives = [] }: FieldDefinitionNode,
  ofTypes: ReadonlyMap<string, readonly Rule[]>,
): void {
  const coordinate = `${type}.${name.value}`;
  const own = rulesOf(directives);
  const open = directives.some((directive) => directive.name.value === "public");
  const known = table.get(coordinate);
  const rules = [...(known?.rules ?? []), ...own, ...(ofTypes.get(namedType(returned)) ?? [])];
  table.set(coordinate, { coordinate, stated: own.length > 0 || open, rules });
}

export function allows({ rules }: FieldAccess, scopes: Scopes): boolean {
  return rules.every(
    (rule) => scopes !== null && (rule.length === 0 || rule.some((all) => all.every((one) => scopes.has(one)))),
  );
}

/** Whether nothing but being somebody is asked, so that the module itself decides about the rest. */
export function isLeftToModule({ rules }: FieldAccess): boolean {
  return rules.every((rule) => rule.length === 0);
}

export function scopesIn(table: AccessTable): string[] {
  return [...new Set([...table.values()].flatMap(({ rules }) => rules.flat(2)))].sort();
}

function rulesOf(directives: readonly ConstDirectiveNode[] = []): Rule[] {
  return directives.flatMap(({ name, arguments: given = [] }) => {
    if (name.value === "authenticated") return [[]];
    if (name.value !== "requiresScopes") return [];
    const scopes = given.find((argument) => argument.name.value === "scopes");
    return scopes ? [valueFromASTUntyped(scopes.value) as Rule] : [[]];
  });
}

function isObject(node: { readonly kind: Kind }): node is ObjectNode {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION;
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
