/** The test world: real subgraph schemas behind connections in process, and a router in front of them. */
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { Actor, SubgraphConnection, SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import { createTelemetry } from "@tessera/telemetry";
import { type ExecutionResult, execute, type GraphQLSchema, parse, subscribe } from "graphql";
import { compose, type Router, type RouterOptions, startRouter } from "../../src/index.js";
import { type Call, feedResolvers, peopleResolvers, type SubgraphContext, sitesResolvers } from "./resolvers.js";
import { feed, people, sites } from "./schemas.js";

export const sources = { people, sites, feed };
const resolvers = { people: peopleResolvers, sites: sitesResolvers, feed: feedResolvers };
type Name = keyof typeof sources;
export const names = Object.keys(sources) as Name[];

export function schemaOf(name: Name): GraphQLSchema {
  return buildSubgraphSchema({ typeDefs: parse(sources[name]), resolvers: resolvers[name] as never });
}

export const supergraphSdl = compose(
  names.map((name) => ({ name, sdl: sources[name], file: `/world/${name}.graphql`, url: `http://${name}` })),
).supergraphSdl;

export function connect(name: Name, calls: Call[]): SubgraphConnection {
  const schema = schemaOf(name);
  const argsOf = (request: SubgraphRequest, setCookie: string[]) => {
    calls.push({ subgraph: name, request });
    return {
      schema,
      document: parse(request.query),
      variableValues: request.variables ?? {},
      contextValue: { request, setCookie } satisfies SubgraphContext,
    };
  };
  return {
    name,
    async execute(request) {
      const setCookie: string[] = [];
      const result = await execute(argsOf(request, setCookie));
      return setCookie.length > 0 ? { ...result, setCookie } : result;
    },
    async subscribe(request): Promise<AsyncIterableIterator<SubgraphResult>> {
      const started = await subscribe(argsOf(request, []));
      if (Symbol.asyncIterator in started) return started as AsyncGenerator<ExecutionResult, void, void>;
      throw started.errors?.[0];
    },
    close: async () => {},
  };
}

export function actor(scopes: string[] = [], more: Partial<Actor> = {}): Actor {
  return { kind: "user", id: "u1", tenantId: "t1", scopes: new Set(scopes), roles: [], attributes: {}, ...more };
}

/** Tokens of the test world are `scope,scope` or the name of what is wrong with them. */
export const verifier = {
  async verify(token: string): Promise<Actor> {
    if (token === "expired") throw Object.assign(new Error("It ran out."), { code: "TOKEN_EXPIRED" });
    if (token === "forged") throw Object.assign(new Error("It is forged."), { code: "TOKEN_INVALID" });
    if (token === "down") throw Object.assign(new Error("No keys."), { code: "KEYS_UNAVAILABLE" });
    const [, seconds] = /^short(\d+)$/.exec(token) ?? [];
    if (seconds) return actor([], { expiresAt: Date.now() + Number(seconds) });
    return actor(token === "-" ? [] : token.split(","));
  },
};

export interface World {
  readonly router: Router;
  readonly calls: Call[];
  readonly logged: string[];
  ask(query: string, options?: AskOptions): Promise<Answer>;
}

export interface AskOptions {
  readonly token?: string;
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly operationName?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into answers of many shapes.
  readonly data: Record<string, never>;
  readonly errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

export async function startWorld(options: Partial<RouterOptions> = {}): Promise<World> {
  const calls: Call[] = [];
  const logged: string[] = [];
  const router = await startRouter({
    supergraphSdl,
    connections: names.map((name) => connect(name, calls)),
    verifier,
    telemetry: createTelemetry({ service: "test", destination: { write: (line) => void logged.push(line) } }),
    port: 0,
    host: "127.0.0.1",
    development: true,
    authorization: { undecidedPolicies: "pass" },
    ...options,
  });
  return { router, calls, logged, ask: (query, how) => ask(router, query, how) };
}

async function ask(router: Router, query: string, options: AskOptions = {}): Promise<Answer> {
  const { token, variables, operationName, headers } = options;
  const response = await fetch(`${router.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables, operationName }),
  });
  return {
    status: response.status,
    headers: response.headers,
    ...((await response.json()) as Pick<Answer, "data" | "errors">),
  };
}
