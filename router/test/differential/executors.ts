/** The two sides of a comparison: the same world behind Apollo's gateway and behind ours. */
import { ApolloGateway } from "@apollo/gateway";
import { type GraphQLFormattedError, getOperationAST, getVariableValues, parse } from "graphql";
import { bodyOf } from "../../src/execution/body.js";
import { compileOperation } from "../../src/execution/compile.js";
import { startPlanner } from "../../src/planning/start-planner.js";
import { fromJson, toJson } from "../../src/request/json-text.js";
import { createRequestContext } from "../../src/request/request-context.js";
import type { SubgraphAnswer, SubgraphCall } from "../../src/subgraphs/subgraph-call.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";
import type { SubgraphQuestion, World } from "./world.js";

export interface Answer {
  readonly data: unknown;
  readonly errors: readonly GraphQLFormattedError[];
}

export type Executor = (query: string, variables: Record<string, unknown>) => Promise<Answer>;

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function apolloExecutor(world: World): Promise<Executor> {
  process.env.APOLLO_TELEMETRY_DISABLED ??= "true";
  const gateway = new ApolloGateway({
    supergraphSdl: world.supergraphSdl,
    logger: quiet,
    buildService: ({ name }) => ({
      process: async ({ request }) => (await world.ask(name, { ...request, query: request.query ?? "" })) as never,
    }),
  });
  const { executor, schema } = await gateway.load();
  return async (query, variables) => {
    const document = parse(query);
    const operation = getOperationAST(document);
    const requestContext = {
      document,
      operation,
      operationName: operation?.name?.value ?? null,
      request: { query, variables, http: undefined },
      queryHash: query,
      schema,
      context: {},
      logger: quiet,
      metrics: {},
      overallCachePolicy: { restrict() {} },
    };
    const { data, errors = [] } = await executor(requestContext as never);
    return JSON.parse(JSON.stringify({ data: data ?? null, errors })) as Answer;
  };
}

/** `text`: every subgraph is in another process. `value`: all are in this one. */
export async function ourExecutor(world: World, form: "text" | "value"): Promise<Executor> {
  const planner = await startPlanner({ supergraphSdl: world.supergraphSdl, workers: 0 });
  const { apiSchema } = buildSupergraph(world.supergraphSdl);
  const call = form === "text" ? remotely(world) : locally(world);
  const context = createRequestContext(
    { requestId: "r", actor: null, deadline: Number.MAX_SAFE_INTEGER, signal: new AbortController().signal },
    {},
  );
  return async (query, variables) => {
    const document = parse(query, { noLocation: true });
    const operation = getOperationAST(document);
    if (!operation) throw new Error("There is one operation.");
    const planned = await planner.plan({ text: query, overrides: [] });
    const isLocal = () => form === "value";
    const executable = compileOperation({ planned, shown: { document, operation }, schema: apiSchema, isLocal });
    const { coerced, errors: refused } = getVariableValues(apiSchema, operation.variableDefinitions ?? [], variables);
    if (refused) throw refused[0];
    const { data, errors } = await executable.run({ variables: coerced, context, call });
    return { data: fromJson(data.text), errors: errors.map((error) => error.toJSON()) };
  };
}

const remotely =
  (world: World) =>
  async (call: SubgraphCall): Promise<SubgraphAnswer> => {
    const request = fromJson(bodyOf(call)) as SubgraphQuestion;
    return { form: "text", text: toJson(await world.ask(call.operation.subgraph, request)) };
  };

const locally =
  (world: World) =>
  async ({ operation, variables, representations }: SubgraphCall): Promise<SubgraphAnswer> => {
    const all: Record<string, unknown> = { ...variables };
    operation.entities.forEach(({ variable }, index) => {
      all[variable] = representations[index];
    });
    const { text: query, name: operationName, subgraph } = operation;
    const { data, errors } = await world.ask(subgraph, { query, operationName, variables: all });
    return errors ? { form: "value", data, errors } : { form: "value", data };
  };
