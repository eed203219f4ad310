/** What the `join` spec says: the subgraphs, and the labels of progressive overrides. */
import { type ConstDirectiveNode, type DocumentNode, Kind, parse, type ValueNode, visit } from "graphql";
import type { Links } from "./links.js";

export const joinIdentity = "https://specs.apollo.dev/join";

export interface SubgraphEntry {
  /** As composed; plans name it. */
  readonly name: string;
  /** Where it answers; empty when composition was given none. */
  readonly url: string;
  /** Its name in the enum `join__Graph`. */
  readonly graph: string;
}

export function readSubgraphs(supergraph: DocumentNode, links: Links): SubgraphEntry[] {
  const prefix = links.find(joinIdentity)?.prefix ?? "join";
  const graphs = supergraph.definitions.find(
    (one) => one.kind === Kind.ENUM_TYPE_DEFINITION && one.name.value === `${prefix}__Graph`,
  );
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) return [];
  return (graphs.values ?? []).flatMap((value) => {
    const directive = value.directives?.find(({ name }) => name.value === `${prefix}__graph`);
    const name = directive && stringArgument(directive, "name");
    return directive && name !== undefined
      ? [{ name, url: stringArgument(directive, "url") ?? "", graph: value.name.value }]
      : [];
  });
}

/** `Type.field` → the labels of its `@override(label:)`. */
export function readOverrideLabels(supergraph: DocumentNode, links: Links): ReadonlyMap<string, readonly string[]> {
  const labels = new Map<string, readonly string[]>();
  forEachJoinField(supergraph, links, (coordinate, directive) => {
    const label = stringArgument(directive, "overrideLabel");
    if (label !== undefined) labels.set(coordinate, [...new Set([...(labels.get(coordinate) ?? []), label])]);
  });
  return labels;
}

/** Names of the fields that some subgraph requires or takes from a context: plans ask for them unseen. */
export function readRequiredFields(supergraph: DocumentNode, links: Links): ReadonlySet<string> {
  const names = new Set<string>();
  forEachJoinField(supergraph, links, (_coordinate, directive) => {
    const requires = stringArgument(directive, "requires");
    if (requires !== undefined) addFieldNames(`{${requires}}`, names);
    const contexts = directive.arguments?.find(({ name }) => name.value === "contextArguments")?.value;
    if (contexts) visit(contexts, { ObjectField: ({ name, value }) => addSelection(name.value, value, names) });
  });
  return names;
}

/** Interfaces that some subgraph knows as an object, by `@interfaceObject`: it cannot say which type an object is. */
export function readInterfaceObjects(supergraph: DocumentNode, links: Links): ReadonlySet<string> {
  const joinType = links.directive(joinIdentity, "type");
  const names = new Set<string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const { name, arguments: given } of definition.directives ?? []) {
      const mark = given?.find((argument) => argument.name.value === "isInterfaceObject")?.value;
      if (name.value === joinType && mark?.kind === Kind.BOOLEAN && mark.value) names.add(definition.name.value);
    }
  }
  return names;
}

/** Names of the fields that keys consist of, at any depth. */
export function readKeyFields(supergraph: DocumentNode, links: Links): ReadonlySet<string> {
  const joinType = links.directive(joinIdentity, "type");
  const names = new Set<string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const directive of definition.directives ?? []) {
      const key = directive.name.value === joinType ? stringArgument(directive, "key") : undefined;
      if (key !== undefined) addFieldNames(`{${key}}`, names);
    }
  }
  return names;
}

function addFieldNames(selection: string, names: Set<string>): void {
  visit(parse(selection, { noLocation: true }), { Field: ({ name }) => void names.add(name.value) });
}

/** The selection of a context is a selection set, or one with a fragment for each type that sets the context. */
function addSelection(argument: string, value: ValueNode, names: Set<string>): void {
  if (argument !== "selection" || value.kind !== Kind.STRING) return;
  addFieldNames(/^\s*\{/.test(value.value) ? value.value : `{${value.value}}`, names);
}

function forEachJoinField(
  supergraph: DocumentNode,
  links: Links,
  work: (coordinate: string, directive: ConstDirectiveNode) => void,
): void {
  const joinField = links.directive(joinIdentity, "field");
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) {
      const coordinate = `${definition.name.value}.${field.name.value}`;
      for (const one of field.directives ?? []) if (one.name.value === joinField) work(coordinate, one);
    }
  }
}

function stringArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
