/** A call of a plan with everything that can be decided before a request: what it sends and where its answer goes. */
import type { SubgraphOperation } from "../subgraphs/subgraph-call.js";
import { type Assign, compileAssign } from "./assign.js";
import { type CallOperation, callOperation, representations } from "./call-operation.js";
import { compileOutputRewrites, type OutputRewrites } from "./output-rewrites.js";
import { keysOf, type PathStep, pathSteps } from "./path-steps.js";
import type { Condition, Step } from "./plan-steps.js";
import { representationShapes } from "./representation-shapes.js";
import { compileRepresentationWriter, type RepresentationWriter } from "./representation-writer.js";
import { type Keys, keysSelected, type ParsedFetch } from "./selections.js";
import { compileReader, type Reader } from "./text/read-answer.js";
import type { TypeNames } from "./type-names.js";
import { compileWalk, type Walk } from "./walk.js";

export interface CompiledCall {
  readonly index: number;
  readonly operation: SubgraphOperation;
  readonly reader: Reader;
  readonly isLocal: boolean;
  readonly conditions: readonly Condition[];
  readonly variableNames: readonly string[];
  /** How many calls have to be done first, and which ones wait for this one. */
  readonly waits: number;
  readonly dependents: readonly number[];
  readonly part: number;
  /** One for each `_entities` field; none for a call of root fields. */
  readonly entities: readonly EntityTarget[];
  /** Of a call of root fields. */
  readonly root: RootTarget | null;
  readonly context: ContextTarget | null;
}

/** Where objects are, and how what comes back is put into them. */
interface Target {
  readonly places: readonly Place[];
  readonly assign: Assign;
  /** What is brought to each object, by response key. */
  readonly keys: readonly string[];
  readonly rewrites: OutputRewrites | null;
}

export interface Place {
  readonly path: readonly PathStep[];
  readonly walk: Walk;
}

export type RootTarget = Target;

export interface EntityTarget extends Target {
  readonly write: RepresentationWriter;
  /** Each target gets objects of its own. */
  readonly copies: boolean;
}

/** A fetch whose arguments come from objects above its entities. */
export interface ContextTarget {
  readonly step: Step;
  readonly parsed: ParsedFetch;
}

export interface CallParts {
  readonly index: number;
  readonly fields: readonly (readonly Step[])[];
  readonly waitsFor: ReadonlySet<number>;
  readonly dependents: readonly number[];
}

export interface CallSurroundings {
  readonly steps: readonly Step[];
  readonly parsed: readonly ParsedFetch[];
  readonly names: TypeNames;
  readonly isLocal: (subgraph: string) => boolean;
}

export function compileCall(parts: CallParts, around: CallSurroundings): CompiledCall {
  const firsts = parts.fields.flatMap(([first]) => first ?? []);
  const [first] = firsts;
  if (!first) throw new Error("A call needs a fetch.");
  const { operation, document }: CallOperation = callOperation(firsts, around.parsed);
  const isOfEntities = first.fetch.requires !== undefined;
  const contextual = new Set((first.fetch.contextRewrites ?? []).map(({ renameKeyTo }) => renameKeyTo));
  const used = firsts.flatMap(({ fetch }) => fetch.variableUsages ?? []);
  const parsed = around.parsed[first.index];
  return {
    index: parts.index,
    operation,
    reader: compileReader(document, "text"),
    isLocal: around.isLocal(operation.subgraph),
    conditions: first.conditions,
    variableNames: [...new Set(used)].filter((name) => name !== representations && !contextual.has(name)),
    waits: parts.waitsFor.size,
    dependents: parts.dependents,
    part: first.part,
    entities: isOfEntities ? parts.fields.map((steps) => entityTarget(steps, around)) : [],
    root: isOfEntities ? null : target(parts.fields[0] ?? [], around),
    context: contextual.size > 0 && parsed ? { step: first, parsed } : null,
  };
}

function entityTarget(steps: readonly Step[], around: CallSurroundings): EntityTarget {
  const fetch = steps[0]?.fetch;
  const shapes = representationShapes(fetch?.requires ?? [], fetch?.inputRewrites ?? [], around.names);
  return {
    ...target(steps, around),
    write: compileRepresentationWriter(shapes, around.names),
    copies: hasContext(around.steps),
  };
}

function hasContext(steps: readonly Step[]): boolean {
  return steps.some(({ fetch }) => (fetch.contextRewrites?.length ?? 0) > 0);
}

function target(steps: readonly Step[], around: CallSurroundings): Target {
  const [first] = steps;
  const parsed = around.parsed[first?.index ?? -1];
  if (!first || !parsed) throw new Error("A call needs a fetch.");
  const selected = keysSelected(parsed.operation.selectionSet, parsed.fragments);
  const below = first.fetch.requires ? ([...selected.values()][0] ?? selected) : selected;
  const keys = renamedKeys(below, first.fetch.outputRewrites);
  return {
    places: steps.map(({ path }) => placeOf(path, around)),
    assign: compileAssign(keys),
    keys: [...keys.keys()],
    rewrites: compileOutputRewrites(first.fetch.outputRewrites, around.names),
  };
}

function placeOf(path: readonly string[], { names, steps }: CallSurroundings): Place {
  const split = pathSteps(path);
  // Below an entity fetch, what one answer brought may be in several places: that is noticed where it is entered.
  const entered = new Set(
    hasContext(steps)
      ? []
      : steps.filter(({ fetch }) => fetch.requires).map((step) => keysOf(pathSteps(step.path)).join(".")),
  );
  const isShared = (count: number): boolean => {
    const keys = keysOf(split.slice(0, count));
    return typeof split[count - 1]?.key === "string" && entered.has(keys.slice(0, -1).join("."));
  };
  return { path: split, walk: compileWalk(split, names, isShared) };
}

function renamedKeys(keys: Keys, rewrites: Step["fetch"]["outputRewrites"]): Keys {
  const renamed = new Map(keys);
  for (const rewrite of rewrites ?? []) {
    const path = rewrite.path.filter((step) => !step.startsWith("... on "));
    const [key] = path;
    if (path.length !== 1 || key === undefined) continue;
    if (rewrite.kind === "ValueSetter") renamed.set(key, new Map());
    else renamed.set(rewrite.renameKeyTo, keys.get(key) ?? new Map());
  }
  return renamed;
}
