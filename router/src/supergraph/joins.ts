/** What the `join` spec says: the subgraphs, and the labels of progressive overrides. */
import { type ConstDirectiveNode, type DocumentNode, Kind } from "graphql";
import type { Links } from "./links.js";

export const joinIdentity = "https://specs.apollo.dev/join";

export interface SubgraphEntry {
  /** As composed; plans name it. */
  readonly name: string;
  /** Where it answers; empty when composition was given none. */
  readonly url: string;
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
    return directive && name !== undefined ? [{ name, url: stringArgument(directive, "url") ?? "" }] : [];
  });
}

/** `Type.field` → the labels of its `@override(label:)`. */
export function readOverrideLabels(supergraph: DocumentNode, links: Links): ReadonlyMap<string, readonly string[]> {
  const directive = links.directive(joinIdentity, "field");
  const labels = new Map<string, readonly string[]>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) {
      const found = (field.directives ?? [])
        .filter(({ name }) => name.value === directive)
        .flatMap((one) => stringArgument(one, "overrideLabel") ?? []);
      if (found.length > 0) labels.set(`${definition.name.value}.${field.name.value}`, [...new Set(found)]);
    }
  }
  return labels;
}

function stringArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
