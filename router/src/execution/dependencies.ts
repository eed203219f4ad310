/**
 * Which fetch really waits for which. The order of a plan is coarser than its data flow: a fetch has to wait only for
 * those before it that write a field it reads, on the way to its objects or in what it sends of them.
 */
import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import { keysOf, pathSteps } from "./path-steps.js";
import type { Step } from "./plan-steps.js";
import { type Keys, keysSelected, type ParsedFetch } from "./selections.js";

const isTypeStep = (step: string) => step.startsWith("... on ");

/** For each step the indexes of those it waits for. `given` is what is there before any step runs. */
export function dependenciesOf(
  steps: readonly Step[],
  parsed: readonly ParsedFetch[],
  given: ReadonlySet<string> = new Set(),
): readonly ReadonlySet<number>[] {
  const writes = steps.map((step, index) => writtenBy(step.fetch, keysOf(pathSteps(step.path)), parsed[index]));
  return steps.map((step) => {
    if (step.fetch.operationKind === "mutation") return new Set(step.earlier);
    const found = new Set(steps.filter(({ fetch }) => step.awaited.includes(fetch.id ?? "")).map((one) => one.index));
    for (const read of readBy(step)) {
      const writers = step.earlier.filter((earlier) => writes[earlier]?.has(read));
      // Nobody is known to write it: the order of the plan decides.
      const all = writers.length === 0 && !given.has(read) ? step.earlier : writers;
      for (const one of all) found.add(one);
    }
    return found;
  });
}

/** Paths of response keys, joined by dots. */
export function writtenBy(fetch: FetchNode, path: readonly string[], parsed: ParsedFetch | undefined): Set<string> {
  const written = new Set<string>();
  if (!parsed) return written;
  for (const top of rootsOf(fetch, parsed)) addKeys(top, path.join("."), written);
  for (const rewrite of fetch.outputRewrites ?? []) {
    const at = rewrite.path.filter((step) => !isTypeStep(step));
    const name = rewrite.kind === "KeyRenamer" ? rewrite.renameKeyTo : (at.at(-1) ?? "");
    written.add([...path, ...at.slice(0, -1), name].join("."));
  }
  return written;
}

/** What is selected at the objects of a fetch: below `_entities`, or of the root itself. */
function rootsOf(fetch: FetchNode, { operation, fragments }: ParsedFetch): Keys[] {
  const keys = keysSelected(operation.selectionSet, fragments);
  return fetch.requires ? [...keys.values()] : [keys];
}

function addKeys(keys: Keys, prefix: string, into: Set<string>): void {
  for (const [key, below] of keys) {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    into.add(path);
    addKeys(below, path, into);
  }
}

function readBy({ path, fetch }: Step): Set<string> {
  const read = new Set<string>();
  const keys: string[] = [];
  for (const { key, types } of pathSteps(path)) {
    if (key !== null) {
      keys.push(key);
      read.add(keys.join("."));
    }
    if (types) read.add([...keys, "__typename"].join("."));
  }
  if (fetch.requires) addRequired(fetch.requires, keys, read);
  for (const { path: above } of fetch.contextRewrites ?? []) {
    const ups = above.filter((step) => step === "..").length;
    const names = above.filter((step) => step !== ".." && !isTypeStep(step));
    read.add([...keys.slice(0, Math.max(0, keys.length - ups)), ...names].join("."));
  }
  return read;
}

function addRequired(selections: readonly QueryPlanSelectionNode[], path: readonly string[], into: Set<string>): void {
  for (const selection of selections) {
    if (selection.kind === "InlineFragment") addRequired(selection.selections, path, into);
    else {
      const at = [...path, selection.alias ?? selection.name];
      into.add(at.join("."));
      if (selection.selections) addRequired(selection.selections, at, into);
    }
  }
}
