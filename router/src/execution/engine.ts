/**
 * Runs queries and mutations. Everything the rest of the router knows about execution is this interface, so that what
 * is behind it can be replaced.
 */
import { ApolloServer, type ApolloServerPlugin, type HTTPGraphQLRequest } from "@apollo/server";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import type { Log, Telemetry } from "@tessera/telemetry";
import {
  type DocumentNode,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type OperationDefinitionNode,
} from "graphql";
import type { OperationAccess } from "../access/operation-access.js";
import { formatErrors } from "../errors/format-errors.js";
import { RouterError } from "../errors/router-error.js";
import type { LoadedSupergraph } from "../supergraph/load-supergraph.js";
import type { CallSubgraph } from "./call-subgraph.js";
import { createGuardedGateway } from "./guarded-gateway.js";
import type { RequestContext } from "./request-context.js";

export interface OperationText {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: string;
}

export interface Engine {
  /** GraphQL over HTTP: method, content negotiation, CSRF prevention and the operation itself. */
  overHttp(request: HTTPGraphQLRequest, context: RequestContext): Promise<HttpAnswer>;
  /** One query or mutation that arrived another way. */
  run(operation: OperationText, context: RequestContext): Promise<FormattedExecutionResult>;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly supergraph: LoadedSupergraph;
  readonly access: OperationAccess;
  readonly call: CallSubgraph;
  readonly telemetry: Telemetry;
  readonly development: boolean;
  readonly maxTokens: number;
  readonly limitBroken: (document: DocumentNode, operation: OperationDefinitionNode) => RouterError | null;
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { supergraph, access, call, telemetry, development } = options;
  const outcome = new Outcome(telemetry.log);
  const apollo = new ApolloServer<RequestContext>({
    gateway: createGuardedGateway(supergraph, access, call, development),
    introspection: development,
    hideSchemaDetailsFromClientErrors: !development,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: options.maxTokens },
    stopOnTerminationSignals: false,
    nodeEnv: development ? "development" : "production",
    logger: telemetry.log,
    formatError: (formatted, error) => outcome.remember(formatted, error),
    plugins: [ApolloServerPluginLandingPageDisabled(), operationRules(options, outcome)],
  });
  await apollo.start();

  return {
    async overHttp(httpGraphQLRequest, context) {
      const answer = await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => context });
      const body = answer.body.kind === "complete" ? answer.body.string : "";
      return { status: answer.status ?? 200, headers: answer.headers, body: outcome.inOneShape(body, context) };
    },
    async run({ query, operationName, variables }, context) {
      const request = { query, ...(operationName ? { operationName } : {}), ...(variables ? { variables } : {}) };
      const { body } = await apollo.executeOperation(request, { contextValue: context });
      return body.kind === "single" ? body.singleResult : body.initialResult;
    },
    close: () => apollo.stop(),
  };
}

/** Limits before execution, the standard error shape after it. */
function operationRules({ limitBroken }: EngineOptions, outcome: Outcome): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      async didResolveOperation({ document, operation, contextValue }) {
        if (!operation) throw withStatus(new RouterError("OPERATION_RESOLUTION_FAILURE"));
        contextValue.seen.operationType = operation.operation;
        const refusal =
          operation.operation === "subscription"
            ? new RouterError("SUBSCRIPTION_NEEDS_WEBSOCKET")
            : limitBroken(document, operation);
        if (refusal) throw withStatus(refusal);
      },
      async willSendResponse({ response, contextValue }) {
        if (response.body.kind !== "single") return;
        contextValue.seen.shaped = true;
        const { singleResult } = response.body;
        if (singleResult.errors) singleResult.errors = outcome.format(singleResult.errors, contextValue);
      },
    }),
  };
}

/** Apollo Server answers with this HTTP status when the error refuses the whole request. */
function withStatus(error: RouterError): GraphQLError {
  return new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status: error.status } } });
}

/** Errors on their way out. Apollo formats them before it says whose request they belong to, so causes are kept apart. */
class Outcome {
  readonly #log: Log;
  readonly #causes = new WeakMap<object, unknown>();

  constructor(log: Log) {
    this.#log = log;
  }

  remember(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
    this.#causes.set(formatted, error);
    return formatted;
  }

  format(errors: readonly GraphQLFormattedError[], context: RequestContext): GraphQLFormattedError[] {
    context.seen.failed = true;
    const causeOf = (error: object) => this.#causes.get(error) ?? error;
    return formatErrors(errors, context.facts.requestId, this.#log, causeOf);
  }

  /** Requests refused before there was an operation leave Apollo Server as text. */
  inOneShape(body: string, context: RequestContext): string {
    if (context.seen.shaped) return body;
    const answer = JSON.parse(body) as FormattedExecutionResult;
    return JSON.stringify(answer.errors ? { ...answer, errors: this.format(answer.errors, context) } : answer);
  }
}
