/** Runs the part of a plan that completes one event: sequences, parallel branches, fetches of entities, conditions. */
import type { FetchNode, PlanNode } from "@apollo/query-planner";
import type { RequestFacts, SubgraphResult } from "@tessera/shared-types";
import { GraphQLError } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { CallSubgraph } from "../execution/call-subgraph.js";
import { type Representation, representationsOf, type TypeTest } from "./representations.js";
import { applyRewrites } from "./rewrites.js";
import { isData, mergeInto, type Target, targetsAt } from "./targets.js";

export interface PlanRun {
  readonly call: CallSubgraph;
  readonly facts: RequestFacts;
  /** Coerced, defaults included. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isOfType: TypeTest;
  /** Grows as steps fail; the others go on. */
  readonly errors: GraphQLError[];
}

export async function runPlan(node: PlanNode, targets: readonly Target[], run: PlanRun): Promise<void> {
  switch (node.kind) {
    case "Sequence":
      for (const step of node.nodes) await runPlan(step, targets, run);
      return;
    case "Parallel":
      await Promise.all(node.nodes.map((step) => runPlan(step, targets, run)));
      return;
    case "Flatten":
      return runPlan(node.node, targetsAt(targets, node.path), run);
    case "Condition": {
      const branch = run.variables[node.condition] === true ? node.ifClause : node.elseClause;
      return branch ? runPlan(branch, targets, run) : undefined;
    }
    case "Fetch":
      return node.requires ? fetchEntities(node, node.requires, targets, run) : fetchFields(node, targets, run);
    case "Defer":
      // The planner refuses @defer in a subscription, so no plan has one.
      throw new RouterError("UNPLANNABLE_OPERATION", { reason: "@defer cannot be used here" });
  }
}

export function variablesOf(node: FetchNode, variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const used = (node.variableUsages ?? []).filter((name) => variables[name] !== undefined);
  return Object.fromEntries(used.map((name) => [name, variables[name]]));
}

async function fetchFields(node: FetchNode, targets: readonly Target[], run: PlanRun): Promise<void> {
  const result = await callFor(node, {}, run);
  for (const error of result.errors ?? []) run.errors.push(error);
  applyRewrites(node.outputRewrites, result.data, run.isOfType);
  for (const target of targets) if (isData(result.data)) mergeInto(target.data, result.data);
}

async function fetchEntities(
  node: FetchNode,
  requires: NonNullable<FetchNode["requires"]>,
  targets: readonly Target[],
  run: PlanRun,
): Promise<void> {
  const wanted = representationsOf(targets, requires, run.isOfType);
  if (wanted.length === 0) return;
  const representations = wanted.map(({ data }) => data);
  applyRewrites(node.inputRewrites, representations, run.isOfType);
  const result = await callFor(node, { representations }, run);
  for (const error of result.errors ?? []) run.errors.push(...placed(error, wanted));
  const entities: unknown = result.data?._entities;
  if (!Array.isArray(entities)) return;
  wanted.forEach((one, index) => void attach(entities[index], one, node, run));
}

function attach(entity: unknown, { targets }: Representation, node: FetchNode, run: PlanRun): void {
  if (!isData(entity)) return;
  applyRewrites(node.outputRewrites, entity, run.isOfType);
  for (const target of targets) mergeInto(target.data, entity);
}

function callFor(node: FetchNode, own: Record<string, unknown>, run: PlanRun): Promise<SubgraphResult> {
  return run.call(node.serviceName, {
    query: node.operation,
    variables: { ...variablesOf(node, run.variables), ...own },
    facts: run.facts,
    ...(node.operationName ? { operationName: node.operationName } : {}),
  });
}

/** An error at `_entities.<n>…` belongs to every place that shows entity n; any other one to all of them. */
function placed(error: GraphQLError, wanted: readonly Representation[]): GraphQLError[] {
  const [, index, ...further] = error.path ?? [];
  const one = typeof index === "number" ? wanted[index] : undefined;
  const targets = one ? one.targets : wanted.flatMap(({ targets: each }) => each);
  const { extensions } = error;
  return targets.map(({ path }) => new GraphQLError(error.message, { path: [...path, ...further], extensions }));
}
