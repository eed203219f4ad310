/**
 * Fetches of a plan that go to one subgraph at one time become one call with several `_entities` fields. A fetch nobody
 * waits for may also join a later call of its subgraph. Fetches of equal selections share their representations.
 */
import { isDeepStrictEqual } from "node:util";
import { keysOf, pathSteps } from "./path-steps.js";
import type { Step } from "./plan-steps.js";
import { type Keys, keysSelected, type ParsedFetch } from "./selections.js";

/** One call: of root fields (one field, one step) or of entities. */
export interface CallPlan {
  readonly fields: readonly (readonly Step[])[];
  /** Indexes of calls. */
  readonly waitsFor: ReadonlySet<number>;
}

export interface Merging {
  readonly steps: readonly Step[];
  readonly parsed: readonly ParsedFetch[];
  readonly dependencies: readonly ReadonlySet<number>[];
  readonly mergeFetches: boolean;
}

export function planCalls(merging: Merging): CallPlan[] {
  const groups = merging.mergeFetches ? grouped(merging) : merging.steps.map((step) => [step]);
  const callOf = new Map(groups.flatMap((group, index) => group.map((step) => [step.index, index] as const)));
  const shares = merging.mergeFetches && !merging.steps.some(({ fetch }) => fetch.contextRewrites?.length);
  return groups.map((group, index) => {
    const waitsFor = new Set<number>();
    for (const step of group) {
      for (const needed of merging.dependencies[step.index] ?? []) {
        const call = callOf.get(needed);
        if (call !== undefined && call !== index) waitsFor.add(call);
      }
    }
    return { fields: fieldsOf(group, shares, merging), waitsFor };
  });
}

interface Wave {
  readonly level: number;
  readonly steps: Step[];
}

/** Steps by call. Waves of the same subgraph, part and conditions lie in the order in which they run. */
function grouped({ steps, parsed, dependencies }: Merging): Step[][] {
  const levels = levelsOf(steps, dependencies);
  const needed = new Set(dependencies.flatMap((set) => [...set]));
  const single: Step[][] = [];
  const lines = new Map<string, Wave[]>();
  for (const step of steps) {
    if (!isMergeable(step, parsed[step.index])) {
      single.push([step]);
      continue;
    }
    const line = JSON.stringify([step.fetch.serviceName, step.part, step.conditions]);
    const level = levels[step.index] ?? 0;
    const waves = lines.get(line) ?? [];
    lines.set(line, waves);
    const wave = waves.find((one) => one.level === level);
    if (wave) wave.steps.push(step);
    else waves.push({ level, steps: [step] });
  }
  return [...single, ...[...lines.values()].flatMap((waves) => withoutLeafWaves(waves, needed))];
}

/** A wave nobody waits for joins the next one of its line: one call less, and the answer waits for that one anyway. */
function withoutLeafWaves(waves: readonly Wave[], needed: ReadonlySet<number>): Step[][] {
  const kept: Step[][] = [];
  let waiting: Step[] = [];
  for (const { steps } of [...waves].sort((one, other) => one.level - other.level)) {
    const all = [...waiting, ...steps];
    const isLeaf = all.every(({ index }) => !needed.has(index));
    if (!isLeaf) kept.push(all);
    waiting = isLeaf ? all : [];
  }
  return waiting.length > 0 ? [...kept, waiting] : kept;
}

function levelsOf(steps: readonly Step[], dependencies: Merging["dependencies"]): number[] {
  const levels: number[] = [];
  const levelOf = (index: number): number => {
    const known = levels[index];
    if (known !== undefined) return known;
    let level = 0;
    for (const needed of dependencies[index] ?? []) level = Math.max(level, levelOf(needed) + 1);
    levels[index] = level;
    return level;
  };
  for (const { index } of steps) levelOf(index);
  return levels;
}

function isMergeable({ fetch }: Step, parsed: ParsedFetch | undefined): boolean {
  const hasDirectives = (parsed?.operation.directives?.length ?? 0) > 0;
  return (
    fetch.requires !== undefined && fetch.operationKind === "query" && !fetch.contextRewrites?.length && !hasDirectives
  );
}

/** Steps that share one list of representations, and so one `_entities` field. */
function fieldsOf(group: readonly Step[], shares: boolean, merging: Merging): Step[][] {
  const fields: Step[][] = [];
  for (const step of group) {
    const same = shares
      ? fields.find(([first]) => first && isSame(first, step) && mayShare([first, step], merging))
      : undefined;
    if (same) same.push(step);
    else fields.push([step]);
  }
  return fields;
}

function isSame({ fetch: one }: Step, { fetch: other }: Step): boolean {
  return (
    sameText(one.operation, one.operationName) === sameText(other.operation, other.operationName) &&
    isDeepStrictEqual(one.requires, other.requires) &&
    isDeepStrictEqual(one.inputRewrites, other.inputRewrites) &&
    isDeepStrictEqual(one.outputRewrites, other.outputRewrites)
  );
}

function sameText(operation: string, name: string | undefined): string {
  return name ? operation.replace(name, "") : operation;
}

/** Objects of one answer in two places are no harm as long as nobody writes into them. */
function mayShare(sharing: readonly Step[], { steps, parsed }: Merging): boolean {
  const fetched = parsed[sharing[0]?.index ?? -1];
  if (!fetched) return false;
  const entities = [...keysSelected(fetched.operation.selectionSet, fetched.fragments).values()];
  if (entities.every(hasLeavesOnly)) return true;
  const places = sharing.map(({ path }) => [...keysOf(pathSteps(path)), ""].join("."));
  return !steps.some(({ path }) => {
    const at = [...keysOf(pathSteps(path)), ""].join(".");
    return places.some((place) => at.length > place.length && at.startsWith(place));
  });
}

function hasLeavesOnly(keys: Keys): boolean {
  return [...keys.values()].every((below) => below.size === 0);
}
