/** A router that serves, in front of subgraphs of other processes whose answers a test may spoil byte by byte. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { SubgraphConnection, SubgraphResult } from "@tessera/shared-types";
import { createTelemetry } from "@tessera/telemetry";
import { type ExecutionResult, execute, type GraphQLSchema, parse } from "graphql";
import { onTestFinished } from "vitest";
import {
  compose,
  connectRemote,
  type RemoteOptions,
  type Router,
  type RouterOptions,
  startRouter,
} from "../../src/index.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";

const imports = [
  ...["@key", "@shareable", "@external", "@requires", "@provides", "@interfaceObject", "@inaccessible", "@context"],
  ...["@fromContext", "@authenticated", "@requiresScopes", "@policy"],
];
export const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(imports)})\n`;

export interface HostileSubgraph {
  readonly sdl: string;
  readonly resolvers: Record<string, unknown>;
}

export type HostileSubgraphs = Readonly<Record<string, HostileSubgraph>>;

/** What a subgraph was asked. */
export interface Received {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
}

/** Answers in place of the subgraph, or lets it answer by returning false. */
export type Spoil = (
  result: ExecutionResult,
  response: ServerResponse,
  received: Received,
) => boolean | Promise<boolean>;

export interface HostileOptions extends Partial<RouterOptions> {
  /** These are in this process. */
  readonly inProcess?: readonly string[];
  readonly remote?: Partial<RemoteOptions>;
}

export interface Hostile {
  readonly router: Router;
  readonly url: string;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly received: Received[];
  readonly logged: string[];
  spoil: Spoil;
  /** Spoils what a subgraph of this process answers. */
  spoilValue: (result: ExecutionResult) => SubgraphResult;
  ask(query: string, options?: AskOptions): Promise<Answered>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly operationName?: string;
}

export interface Reported {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  // Tests look into answers of many shapes.
  readonly data: Record<string, never> | null | undefined;
  readonly errors: readonly Reported[];
}

/** Closed after the test. */
export async function startHostile(subgraphs: HostileSubgraphs, options: HostileOptions = {}): Promise<Hostile> {
  const world = await openHostile(subgraphs, options);
  onTestFinished(world.close);
  return world;
}

export async function openHostile(subgraphs: HostileSubgraphs, options: HostileOptions = {}): Promise<Hostile> {
  const { inProcess = [], remote = {}, ...more } = options;
  const received: Received[] = [];
  const logged: string[] = [];
  const sources = Object.entries(subgraphs).map(([name, { sdl }]) => ({ name, sdl: link + sdl, file: name }));
  const { supergraphSdl } = compose(sources);
  let world: Hostile | undefined;
  const servers: Server[] = [];
  const connections = await Promise.all(
    Object.entries(subgraphs).map(async ([name, { sdl, resolvers }]): Promise<SubgraphConnection> => {
      const schema = buildSubgraphSchema({ typeDefs: parse(link + sdl), resolvers: resolvers as never });
      const answer = (one: Received) => {
        received.push(one);
        return execute({
          schema,
          document: parse(one.query),
          variableValues: one.variables,
          contextValue: one,
        }) as Promise<ExecutionResult>;
      };
      if (inProcess.includes(name)) return inThisProcess(name, answer, (result) => world?.spoilValue(result) ?? result);
      const server = await serve(name, answer, (...spoiled) => world?.spoil(...spoiled) ?? false);
      servers.push(server);
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
      return connectRemote({ name, url, headers: {}, ...remote });
    }),
  );
  const router = await startRouter({
    supergraphSdl,
    connections,
    telemetry: createTelemetry({ service: "test", destination: { write: (line) => void logged.push(line) } }),
    port: 0,
    host: "127.0.0.1",
    ...more,
  });
  const url = `${router.url}/graphql`;
  world = {
    ...{ router, url, received, logged },
    schema: buildSupergraph(supergraphSdl, { defer: false }).apiSchema,
    spoil: () => false,
    spoilValue: (result) => result as SubgraphResult,
    ask: (query, how) => ask(url, query, how),
    async close() {
      await router.close();
      await Promise.all(connections.map((one) => one.close()));
      for (const server of servers) server.close().closeAllConnections();
    },
  };
  return world;
}

async function ask(url: string, query: string, { variables, headers, operationName }: AskOptions = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables, operationName }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const { data, errors = [] } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  return { status: response.status, headers: response.headers, bytes, data, errors };
}

type Answer = (received: Received) => Promise<ExecutionResult>;

function inThisProcess(
  name: string,
  answer: Answer,
  spoil: (result: ExecutionResult) => SubgraphResult,
): SubgraphConnection {
  return {
    name,
    async execute({ query, variables = {} }) {
      return spoil(await answer({ subgraph: name, query, variables: { ...variables }, headers: {} }));
    },
    subscribe: () => Promise.reject(new Error("no subscriptions here")),
    close: async () => {},
  };
}

async function serve(name: string, answer: Answer, spoil: Spoil): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { query, variables } = JSON.parse(await read(request)) as Pick<Received, "query" | "variables">;
    const received = { subgraph: name, query, variables, headers: request.headers };
    const result = await answer(received);
    if (await spoil(result, response, received)) return;
    response.setHeader("content-type", "application/json").end(JSON.stringify(result));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
