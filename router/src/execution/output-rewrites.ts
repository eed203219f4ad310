/** Small corrections a plan asks for in an answer: fields renamed or set. Rare, so they are interpreted. */
import type { FetchNode } from "@apollo/query-planner";
import type { Tree } from "./text/tree.js";
import { isOneOf, type TypeNames } from "./type-names.js";

type Rewrite = NonNullable<FetchNode["outputRewrites"]>[number];

interface RewriteStep {
  readonly key: string | null;
  readonly types: ReadonlySet<unknown> | null;
}

export interface OutputRewrites {
  apply(data: unknown): void;
  /** The response path of an error, after renaming. */
  rename(path: readonly (string | number)[]): readonly (string | number)[];
}

const fragment = "... on ";

export function compileOutputRewrites(
  rewrites: readonly Rewrite[] | undefined,
  names: TypeNames,
): OutputRewrites | null {
  if (!rewrites || rewrites.length === 0) return null;
  const compiled = rewrites.map((rewrite) => ({ rewrite, steps: rewrite.path.map((step) => stepOf(step, names)) }));
  return {
    apply(data) {
      for (const { rewrite, steps } of compiled) reach(data, steps, 0, rewrite, names);
    },
    rename(path) {
      const renamed = [...path];
      for (const { rewrite, steps } of compiled) {
        const at = endOf(path, steps);
        if (rewrite.kind === "KeyRenamer" && at !== null) renamed[at] = rewrite.renameKeyTo;
      }
      return renamed;
    },
  };
}

function stepOf(step: string, names: TypeNames): RewriteStep {
  return step.startsWith(fragment)
    ? { key: null, types: names.leavesOf([step.slice(fragment.length)]) }
    : { key: step, types: null };
}

function reach(value: unknown, steps: readonly RewriteStep[], at: number, rewrite: Rewrite, names: TypeNames): void {
  const step = steps[at];
  if (typeof value !== "object" || value === null || !step) return;
  if (Array.isArray(value)) {
    for (const item of value) reach(item, steps, at, rewrite, names);
  } else if (step.key === null) {
    if (step.types && isOneOf(step.types, (value as Tree).__typename)) reach(value, steps, at + 1, rewrite, names);
  } else if (at < steps.length - 1) {
    if (Object.hasOwn(value, step.key)) reach((value as Tree)[step.key], steps, at + 1, rewrite, names);
  } else {
    rewriteKey(value as Tree, step.key, rewrite, names);
  }
}

function rewriteKey(data: Tree, key: string, rewrite: Rewrite, names: TypeNames): void {
  if (rewrite.kind === "ValueSetter") {
    const { setValueTo } = rewrite;
    data[key] = names.form === "text" ? JSON.stringify(setValueTo) : setValueTo;
  } else if (Object.hasOwn(data, key) && data[key] !== undefined) {
    data[rewrite.renameKeyTo] = data[key];
    data[key] = undefined;
  }
}

/** Where in a response path the rewritten key stands; type tests cannot be made any more and count as met. */
function endOf(path: readonly (string | number)[], steps: readonly RewriteStep[]): number | null {
  const keys = steps.flatMap(({ key }) => (key === null ? [] : [key]));
  let met = 0;
  for (let index = 0; index < path.length; index++) {
    if (typeof path[index] === "number") continue;
    if (path[index] !== keys[met]) return null;
    met += 1;
    if (met === keys.length) return index;
  }
  return null;
}
