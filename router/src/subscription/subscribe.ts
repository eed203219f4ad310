/** A subscription from the client's operation to the stream of its answers. */
import type { RequestFacts, SubgraphConnection, SubgraphResult } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import { type ExecutionResult, GraphQLError, getVariableValues } from "graphql";
import type { OperationAccess } from "../access/operation-access.js";
import { reportRemoved } from "../access/report-removed.js";
import { RouterError } from "../errors/router-error.js";
import { asCoded, type CallSubgraph, untilAborted } from "../execution/call-subgraph.js";
import type { Operation } from "../execution/operation-cache.js";
import { openScope } from "../execution/request-scope.js";
import { shape, unexplained } from "../execution/shape.js";
import type { LoadedSupergraph } from "../supergraph/load-supergraph.js";
import { EventStream } from "./event-stream.js";
import type { PlanSubscription, SubscriptionPlan } from "./plan-subscription.js";
import { createTypeTest } from "./representations.js";
import { applyRewrites } from "./rewrites.js";
import { runPlan, variablesOf } from "./run-plan.js";
import { isData } from "./targets.js";

export interface SubscribeOptions {
  readonly supergraph: LoadedSupergraph;
  readonly access: OperationAccess;
  readonly plan: PlanSubscription;
  readonly call: CallSubgraph;
  readonly connections: ReadonlyMap<string, SubgraphConnection>;
  readonly telemetry: Telemetry;
  /** Longest time the fields of one event may take. */
  readonly requestTimeoutMs: number;
}

export interface Subscriber {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly facts: RequestFacts;
  /** Ends the stream of the subgraph. */
  readonly stop: () => void;
}

/** The stream, or why there is none. */
export type Subscribe = (
  operation: Operation,
  subscriber: Subscriber,
) => Promise<AsyncGenerator<ExecutionResult, void, void> | { readonly errors: readonly GraphQLError[] }>;

export function createSubscribe(options: SubscribeOptions): Subscribe {
  const { supergraph, access, plan: planFor } = options;
  const schema = supergraph.apiSchema;

  return async ({ document, operation }, subscriber) => {
    const { facts } = subscriber;
    const values = getVariableValues(schema, operation.variableDefinitions ?? [], subscriber.variables);
    if (values.errors) return { errors: values.errors.map((error) => withCode(error, "BAD_USER_INPUT")) };
    const variables = values.coerced;

    const permitted = access.permit(document, operation, facts.actor);
    const known = facts.actor !== null;
    const { removed } = permitted;
    const refused = permitted.variant ? reportRemoved({ document, operation, removed, variables, known }, schema) : [];
    if (!permitted.document) return { errors: refused };

    const plan = planFor(permitted.document, operation, permitted.variant);
    const upstream = await open(plan, variables, subscriber, options);
    const shaping = { schema, document, operation, variables: subscriber.variables };
    const complete = async (event: SubgraphResult): Promise<ExecutionResult> => {
      const errors: GraphQLError[] = [...refused];
      const data = await completeEvent(event, plan, variables, facts, errors, options);
      const shaped = shape(data, shaping);
      const all = [...errors, ...unexplained(shaped.errors ?? [], errors)];
      return { data: shaped.data ?? null, ...(all.length > 0 ? { errors: all } : {}) };
    };
    return new EventStream(upstream, complete, subscriber.stop);
  };
}

async function open(
  { primary }: SubscriptionPlan,
  variables: Readonly<Record<string, unknown>>,
  { facts }: Subscriber,
  { connections, telemetry }: SubscribeOptions,
): Promise<AsyncIterableIterator<SubgraphResult>> {
  const subgraph = primary.serviceName;
  const connection = connections.get(subgraph);
  if (!connection) throw new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
  const request = { query: primary.operation, variables: variablesOf(primary, variables), facts };
  const named = primary.operationName ? { ...request, operationName: primary.operationName } : request;
  try {
    return await untilAborted(facts.signal, connection.subscribe(named));
  } catch (error) {
    if (error instanceof GraphQLError) throw error instanceof RouterError ? error : asCoded(error, subgraph);
    telemetry.log.error({ err: error, requestId: facts.requestId, subgraph }, "subscription could not be opened");
    throw new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph });
  }
}

async function completeEvent(
  event: SubgraphResult,
  { primary, rest }: SubscriptionPlan,
  variables: Readonly<Record<string, unknown>>,
  facts: RequestFacts,
  errors: GraphQLError[],
  { call, requestTimeoutMs, supergraph }: SubscribeOptions,
): Promise<Record<string, unknown> | null> {
  for (const error of event.errors ?? []) errors.push(asCoded(error, primary.serviceName));
  if (!isData(event.data)) return null;
  const isOfType = createTypeTest(supergraph.apiSchema);
  applyRewrites(primary.outputRewrites, event.data, isOfType);
  if (!rest) return event.data;
  const scope = openScope(requestTimeoutMs, facts.signal);
  const ofEvent = { ...facts, signal: scope.signal, deadline: scope.deadline };
  const run = { call, facts: ofEvent, variables, isOfType, errors };
  await runPlan(rest, [{ data: event.data, path: [] }], run).finally(scope.end);
  return event.data;
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code } });
}
