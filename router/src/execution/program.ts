/** A plan, or one branch of it, as calls that know which of them wait for which. */
import type { PlanNode } from "@apollo/query-planner";
import { parse } from "graphql";
import { type CompiledCall, compileCall } from "./compiled-call.js";
import { dependenciesOf } from "./dependencies.js";
import { planCalls } from "./merge-fetches.js";
import { type PlanPart, stepsOf } from "./plan-steps.js";
import { parsedFetch } from "./selections.js";
import type { TypeNames } from "./type-names.js";

export interface Program {
  readonly calls: readonly CompiledCall[];
  readonly parts: readonly PlanPart[];
}

export interface ProgramOptions {
  readonly names: TypeNames;
  readonly isLocal: (subgraph: string) => boolean;
  readonly mergeFetches: boolean;
  /** What is there before any call: paths of response keys, joined by dots. */
  readonly given?: ReadonlySet<string>;
}

export function compileProgram(node: PlanNode | undefined, options: ProgramOptions): Program {
  const { steps, parts } = stepsOf(node);
  const parsed = steps.map(({ fetch }) => parsedFetch(parse(fetch.operation, { noLocation: true })));
  const dependencies = dependenciesOf(steps, parsed, options.given);
  const plans = planCalls({ steps, parsed, dependencies, mergeFetches: options.mergeFetches });
  const around = { steps, parsed, names: options.names, isLocal: options.isLocal };
  const calls = plans.map(({ fields, waitsFor }, index) => {
    const dependents = plans.flatMap((other, at) => (other.waitsFor.has(index) ? [at] : []));
    return compileCall({ index, fields, waitsFor, dependents }, around);
  });
  return { calls, parts };
}
