/** Progressive `@override(label:)`: which labels are on for one request. */
import { createHash } from "node:crypto";
import {
  type DocumentNode,
  getNamedType,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { RequestContext } from "../request/request-context.js";
import type { Supergraph } from "../supergraph/supergraph.js";

/** Label → on, off, or for how many requests in a hundred. */
export type OverrideConfig = Readonly<Record<string, boolean | number>>;

/** Which of `labels` are on; asked for labels that neither the config nor `percent(…)` decides. */
export type DecideLabels = (
  labels: readonly string[],
  context: RequestContext,
) => readonly string[] | Promise<readonly string[]>;

export type OverrideSupergraph = Pick<Supergraph, "apiSchema" | "overrideLabels" | "requiredFields" | "subtypes">;

export interface OverriddenOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export interface Overrides {
  /**
   * The labels that are on, in the order of the alphabet; only those the operation can meet. The same for every operation
   * of one request. Synchronous unless a function that was given is asked and is not.
   */
  labelsFor(operation: OverriddenOperation, context: RequestContext): readonly string[] | Promise<readonly string[]>;
}

const nothing: readonly string[] = [];

export function createOverrides(
  supergraph: OverrideSupergraph,
  config: OverrideConfig = {},
  custom?: DecideLabels,
): Overrides {
  if (supergraph.overrideLabels.size === 0) return { labelsFor: () => nothing };
  const met = new WeakMap<OverriddenOperation, readonly string[]>();

  return {
    labelsFor(operation, context) {
      const labels = met.get(operation) ?? labelsMetBy(operation, supergraph);
      met.set(operation, labels);
      if (labels.length === 0) return nothing;
      const decided = labels.filter((label) => isOn(label, config, context.facts.requestId) === true);
      const open = labels.filter((label) => isOn(label, config, context.facts.requestId) === undefined);
      if (open.length === 0 || !custom) return decided;
      const merge = (more: readonly string[]) => [...decided, ...open.filter((label) => more.includes(label))].sort();
      const answer = custom(open, context);
      return answer instanceof Promise ? answer.then(merge) : merge(answer);
    },
  };
}

/** `undefined`: neither the config nor the label itself says. */
function isOn(label: string, config: OverrideConfig, requestId: string): boolean | undefined {
  const own = /^percent\((\d+(?:\.\d+)?)\)$/.exec(label)?.[1];
  const wanted = (Object.hasOwn(config, label) ? config[label] : undefined) ?? (own === undefined ? own : Number(own));
  return typeof wanted === "number" ? share(label, requestId) < wanted : wanted;
}

/** From 0 to just below 100, evenly spread over requests and the same for one request and label. */
function share(label: string, requestId: string): number {
  const bytes = createHash("sha256").update(`${label}\n${requestId}`).digest();
  return (bytes.readUInt32BE(0) / 2 ** 32) * 100;
}

function labelsMetBy({ document }: OverriddenOperation, supergraph: OverrideSupergraph): readonly string[] {
  const types = typesMetBy(document, supergraph);
  const met = new Set<string>();
  for (const [coordinate, labels] of supergraph.overrideLabels) {
    const [type = "", field = ""] = coordinate.split(".");
    if (types.has(type) || supergraph.requiredFields.has(field)) for (const label of labels) met.add(label);
  }
  return [...met].sort();
}

/** The types of all selections, with the object types an abstract one stands for and the abstract types of each. */
function typesMetBy(document: DocumentNode, { apiSchema, subtypes }: OverrideSupergraph): ReadonlySet<string> {
  const met = new Set<string>();
  const add = (type: string) => {
    if (met.has(type)) return;
    met.add(type);
    for (const below of subtypes.possibleTypes.get(type) ?? []) add(below);
    for (const above of subtypes.supertypes.get(type) ?? []) met.add(above);
  };
  const info = new TypeInfo(apiSchema);
  const enter = () => {
    for (const type of [info.getParentType(), info.getType()]) if (type) add(getNamedType(type).name);
  };
  visit(document, visitWithTypeInfo(info, { Field: enter }));
  return met;
}
