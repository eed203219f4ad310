/**
 * Arguments that come from objects above an entity (`@fromContext`). Entities are grouped by the values they see; each
 * group becomes an `_entities` field of its own, with variables of its own.
 */
import type { SubgraphCall } from "../subgraphs/subgraph-call.js";
import { repeatedOperation } from "./call-operation.js";
import type { CompiledCall, ContextTarget } from "./compiled-call.js";
import type { Execution } from "./executable.js";
import { objectsOf, variablesOf } from "./subgraph-request.js";
import { compileReader, type Reader } from "./text/read-answer.js";
import { type Tree, toValue } from "./text/tree.js";
import { isOneOf, type TypeNames } from "./type-names.js";
import { placesAt } from "./walk.js";
import { Wanted } from "./wanted.js";

export interface ContextRequest {
  readonly call: SubgraphCall;
  readonly wanted: readonly Wanted[];
  readonly reader: Reader;
  /** The call with an `_entities` field for each group. */
  readonly asCall: CompiledCall;
}

interface Surroundings {
  readonly root: Tree;
  readonly names: TypeNames;
  readonly execution: Execution;
}

interface Group {
  readonly values: Readonly<Record<string, unknown>>;
  readonly wanted: Wanted;
}

/** Null when there is nothing to ask for. */
export function contextRequest(call: CompiledCall, target: ContextTarget, around: Surroundings): ContextRequest | null {
  const groups = groupsOf(call, target, around).filter(({ wanted }) => wanted.texts.length > 0);
  if (groups.length === 0) return null;
  const { execution, names } = around;
  const { operation, reader } = operationFor(target, groups.length);
  const variables: Record<string, unknown> = { ...variablesOf(call.variableNames, execution.variables) };
  groups.forEach(({ values }, number) => {
    for (const [name, value] of Object.entries(values)) variables[`${name}_${number}`] = value;
  });
  const wanted = groups.map((group) => group.wanted);
  const representations = wanted.map(({ texts }) => (call.isLocal ? objectsOf(texts, names.form) : texts));
  const [entity] = call.entities;
  const asCall = { ...call, operation, entities: entity ? groups.map(() => entity) : [] };
  return { call: { operation, variables, representations, context: execution.context }, wanted, reader, asCall };
}

function groupsOf(call: CompiledCall, { step }: ContextTarget, { root, names }: Surroundings): Group[] {
  const groups = new Map<string, Group>();
  const rewrites = step.fetch.contextRewrites ?? [];
  const [entity] = call.entities;
  if (!entity) return [];
  for (const { path } of entity.places) {
    placesAt(root, path, names, (object, _path, parents) => {
      const values: Record<string, unknown> = {};
      for (const { path: above, renameKeyTo } of rewrites) {
        const found = valueAbove(object, parents, above, names);
        if (found !== undefined) values[renameKeyTo] = names.form === "text" ? toValue(found) : found;
      }
      const key = JSON.stringify(values);
      const group = groups.get(key) ?? { values, wanted: new Wanted(entity.write) };
      groups.set(key, group);
      group.wanted.add(object);
    });
  }
  for (const { wanted } of groups.values()) wanted.close();
  return [...groups.values()];
}

/** `..` is the object above; lists between the two do not count. */
function valueAbove(object: Tree, parents: readonly Tree[], path: readonly string[], names: TypeNames): unknown {
  const ups = path.filter((step) => step === "..").length;
  let value: unknown = ups === 0 ? object : parents[parents.length - ups];
  for (const step of path) {
    if (step === "..") continue;
    if (typeof value !== "object" || value === null) return undefined;
    if (!step.startsWith("... on ")) value = (value as Tree)[step];
    else if (!isOneOf(names.leavesOf([step.slice("... on ".length)]), (value as Tree).__typename)) return undefined;
  }
  return value;
}

interface GroupOperation {
  readonly operation: CompiledCall["operation"];
  readonly reader: Reader;
}

/** For so many groups an operation is kept; more are rare. */
const mostKept = 64;
const operations = new WeakMap<ContextTarget, Map<number, GroupOperation>>();

function operationFor(target: ContextTarget, count: number): GroupOperation {
  const kept = operations.get(target) ?? new Map<number, GroupOperation>();
  operations.set(target, kept);
  const known = kept.get(count);
  if (known) return known;
  const own = (target.step.fetch.contextRewrites ?? []).map(({ renameKeyTo }) => renameKeyTo);
  const { operation, document } = repeatedOperation(target.step, target.parsed, count, [...new Set(own)]);
  const made = { operation, reader: compileReader(document, "text") };
  if (count <= mostKept) kept.set(count, made);
  return made;
}
