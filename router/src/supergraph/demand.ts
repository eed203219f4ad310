/** What the subgraphs say about the cost of their fields: `@cost` and `@listSize`, by schema coordinate. */
import { type ConstDirectiveNode, type DocumentNode, Kind, valueFromASTUntyped } from "graphql";
import type { Links } from "./links.js";

export interface Demand {
  /** `Type`, `Type.field`, `Type.field(argument:)` or `Input.field` → weight. */
  readonly weights: ReadonlyMap<string, number>;
  /** `Type.field` → how long its list is. */
  readonly listSizes: ReadonlyMap<string, ListSize>;
}

export interface ListSize {
  readonly assumedSize: number | null;
  /** Arguments whose number is the size, such as `first`, or `page.size` for a field of an input object. */
  readonly slicingArguments: readonly string[];
  /** Fields of the returned object that are the list, such as `edges` of a connection. */
  readonly sizedFields: readonly string[];
  readonly requireOneSlicingArgument: boolean;
}

const identity = "https://specs.apollo.dev/cost";

export function readDemand(supergraph: DocumentNode, links: Links): Demand {
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  const [cost, listSize] = [links.directive(identity, "cost"), links.directive(identity, "listSize")];
  if (cost === undefined) return { weights, listSizes };

  const note = (coordinate: string, directives: readonly ConstDirectiveNode[] = []) => {
    for (const directive of directives) {
      if (directive.name.value === cost) weights.set(coordinate, Number(argumentsOf(directive).weight));
      if (directive.name.value === listSize) listSizes.set(coordinate, readListSize(argumentsOf(directive)));
    }
  };
  for (const definition of supergraph.definitions) {
    if (!("name" in definition) || !definition.name || !("directives" in definition)) continue;
    const type = definition.name.value;
    note(type, definition.directives as readonly ConstDirectiveNode[]);
    if (!("fields" in definition)) continue;
    for (const field of definition.fields ?? []) {
      note(`${type}.${field.name.value}`, field.directives);
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      for (const one of field.arguments ?? []) note(`${type}.${field.name.value}(${one.name.value}:)`, one.directives);
    }
  }
  return { weights, listSizes };
}

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value) as unknown]),
  );
}

function readListSize(values: Record<string, unknown>): ListSize {
  return {
    assumedSize: typeof values.assumedSize === "number" ? values.assumedSize : null,
    slicingArguments: names(values.slicingArguments),
    sizedFields: names(values.sizedFields),
    requireOneSlicingArgument: values.requireOneSlicingArgument !== false,
  };
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}
