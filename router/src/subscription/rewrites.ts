/** Small corrections that a plan asks for: fields renamed or set on the way to a subgraph (input) or back (output). */
import type { FetchNode } from "@apollo/query-planner";
import type { TypeTest } from "./representations.js";
import { type Data, isData } from "./targets.js";

type Rewrite = NonNullable<FetchNode["inputRewrites"]>[number];

const fragment = "... on ";

export function applyRewrites(rewrites: readonly Rewrite[] | undefined, value: unknown, isOfType: TypeTest): void {
  for (const rewrite of rewrites ?? []) {
    const last = rewrite.path.at(-1);
    if (last !== undefined)
      forEachAt(value, rewrite.path.slice(0, -1), isOfType, (data) => rewriteKey(data, last, rewrite));
  }
}

function rewriteKey(data: Data, key: string, rewrite: Rewrite): void {
  if (rewrite.kind === "ValueSetter") {
    data[key] = rewrite.setValueTo;
  } else if (key in data) {
    data[rewrite.renameKeyTo] = data[key];
    delete data[key];
  }
}

function forEachAt(value: unknown, path: readonly string[], isOfType: TypeTest, work: (data: Data) => void): void {
  const [step, ...further] = path;
  if (Array.isArray(value)) {
    for (const item of value) forEachAt(item, path, isOfType, work);
  } else if (!isData(value)) {
    return;
  } else if (step === undefined) {
    work(value);
  } else if (!step.startsWith(fragment)) {
    forEachAt(value[step], further, isOfType, work);
  } else if (isOfType(value, step.slice(fragment.length))) {
    forEachAt(value, further, isOfType, work);
  }
}
