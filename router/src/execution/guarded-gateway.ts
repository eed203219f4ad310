/** Apollo's gateway with the access step in front of it and our subgraph connections behind it. */
import { ApolloGateway, type GraphQLDataSource } from "@apollo/gateway";
import type { ApolloServerOptionsWithGateway } from "@apollo/server";
import { type DocumentNode, type GraphQLFormattedError, getVariableValues } from "graphql";
import type { OperationAccess } from "../access/operation-access.js";
import { reportRemoved } from "../access/report-removed.js";
import type { LoadedSupergraph } from "../supergraph/load-supergraph.js";
import type { CallSubgraph } from "./call-subgraph.js";
import type { RequestContext } from "./request-context.js";
import { shape } from "./shape.js";

type Gateway = ApolloServerOptionsWithGateway<RequestContext>["gateway"];
type Execute = NonNullable<Awaited<ReturnType<Gateway["load"]>>["executor"]>;
type Incoming = Parameters<Execute>[0];
type Executed = Awaited<ReturnType<Execute>>;

export function createGuardedGateway(
  supergraph: LoadedSupergraph,
  access: OperationAccess,
  call: CallSubgraph,
  development: boolean,
): Gateway {
  // Apollo's libraries report the platform they run on unless told otherwise; this server calls nobody by itself.
  process.env.APOLLO_TELEMETRY_DISABLED ??= "true";
  const gateway = new ApolloGateway({
    supergraphSdl: supergraph.sdl,
    buildService: ({ name }) => dataSource(name, call),
    validateSupergraph: false,
    debug: false,
    __exposeQueryPlanExperimental: development,
    logger: quiet,
  });
  return {
    onSchemaLoadOrUpdate: (callback) => gateway.onSchemaLoadOrUpdate(callback),
    load: async (options) => {
      const { executor } = await gateway.load(options);
      const execute = executor as Execute;
      return { executor: (context) => executePermitted(context, execute, supergraph, access) };
    },
    stop: () => gateway.stop(),
  };
}

const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error };

async function executePermitted(
  context: Incoming,
  execute: Execute,
  supergraph: LoadedSupergraph,
  access: OperationAccess,
): Promise<Executed> {
  const { document, operation } = context;
  const { actor } = (context.context as RequestContext).facts;
  const permitted = access.permit(document, operation, actor);
  if (permitted.variant === "") return execute(context);

  const schema = supergraph.apiSchema;
  const variables = context.request.variables ?? {};
  const values = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (values.errors) return { errors: values.errors };
  const result = permitted.document
    ? await execute(narrowed(context, permitted.document, permitted.variant))
    : { data: {} };
  if (result.data === undefined) return result;

  const { data } = shape(result.data, { schema, document, operation, variables });
  const { removed } = permitted;
  const known = actor !== null;
  const refused = reportRemoved({ document, operation, removed, variables: values.coerced, known }, schema);
  const errors = [...(result.errors ?? []), ...refused];
  return { ...result, data: data ?? null, ...(errors.length > 0 ? { errors } : {}) };
}

/** The same request for a smaller operation, with a name of its own in the plan cache. */
function narrowed(context: Incoming, document: DocumentNode, variant: string): Incoming {
  const queryHash = `${context.queryHash}/${variant}`;
  return { ...context, document, queryHash };
}

function dataSource(name: string, call: CallSubgraph): GraphQLDataSource {
  return {
    async process({ request, context }) {
      const { facts, setCookie } = context as RequestContext;
      const { query = "", operationName, variables } = request;
      const result = await call(name, {
        query,
        facts,
        ...(operationName ? { operationName } : {}),
        ...(variables ? { variables } : {}),
      });
      setCookie.push(...(result.setCookie ?? []));
      // The gateway's types know errors as plain objects without optional `undefined`s; an error object is one too.
      const errors = result.errors as readonly GraphQLFormattedError[] | undefined;
      return { data: result.data ?? null, ...(errors ? { errors } : {}) };
    },
  };
}
