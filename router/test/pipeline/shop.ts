/** A shop of two subgraphs in real HTTP servers, and a router in front of them. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { createTelemetry } from "@tessera/telemetry";
import { execute, parse } from "graphql";
import { onTestFinished } from "vitest";
import {
  compose,
  connectRemote,
  type RemoteOptions,
  type Router,
  type RouterOptions,
  startRouter,
} from "../../src/index.js";
import { actor } from "../world/world.js";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@authenticated", "@policy", "@cost", "@listSize"])`;

const sources = {
  products: `${link}
    type Query {
      top(first: Int = 3): [Product!]! @listSize(slicingArguments: ["first"])
      offers: [Product!]! @authenticated
      staff: String @policy(policies: [["staff"]])
      fails: String
    }
    type Mutation { buy(id: ID!): Product }
    type Product @key(fields: "id") { id: ID! name: String }`,
  reviews: `${link}
    type Product @key(fields: "id") { id: ID! stars: Int @cost(weight: 5) "Whoever asks, in their language." greeting: String }`,
};

export type Name = keyof typeof sources;

/** Tokens are `id/tenant/role`. */
const verifier = {
  async verify(token: string) {
    const [id = "", tenantId = "t1", ...roles] = token.split("/");
    return actor([], { id, tenantId, roles });
  },
};

interface Product {
  readonly id: string;
  readonly name?: string;
}

const rows: readonly Product[] = [1, 2, 3].map((at) => ({ id: String(at), name: `Product ${at}` }));

const resolvers = {
  products: {
    Query: {
      top: (_: unknown, { first }: { first: number }) => rows.slice(0, first),
      offers: () => rows,
      staff: () => "only for staff",
      fails: () => {
        throw new Error("It is broken.");
      },
    },
    Mutation: { buy: (_: unknown, { id }: Product) => rows.find((row) => row.id === id) },
    Product: { __resolveReference: ({ id }: Product) => rows.find((row) => row.id === id) },
  },
  reviews: {
    Product: {
      __resolveReference: (reference: Product) => reference,
      stars: ({ id }: Product) => Number(id) + 1,
      greeting: ({ id }: Product, _: unknown, headers: IncomingHttpHeaders) =>
        `${id} ${headers["accept-language"] ?? "-"} ${headers.authorization ?? "nobody"}`,
    },
  },
};

export interface Subgraph {
  readonly url: string;
  /** Headers of every request that came. */
  readonly received: IncomingHttpHeaders[];
  /** Sent with every answer from now on. */
  says: OutgoingHttpHeaders;
  /** Of every answer from now on. */
  status: number;
  /** Every answer waits for it. */
  ready: Promise<unknown>;
}

async function serve(name: Name): Promise<Subgraph> {
  const schema = buildSubgraphSchema({ typeDefs: parse(sources[name]), resolvers: resolvers[name] as never });
  const server = createServer(async (request, response) => {
    subgraph.received.push(request.headers);
    const { query, variables } = JSON.parse(await textOf(request)) as { query: string; variables?: object };
    await subgraph.ready;
    const variableValues = { ...variables };
    const result = await execute({ schema, document: parse(query), variableValues, contextValue: request.headers });
    response
      .writeHead(subgraph.status, { "content-type": "application/json", ...subgraph.says })
      .end(JSON.stringify(result));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/graphql`;
  const subgraph: Subgraph = { url, received: [], says: {}, status: 200, ready: Promise.resolve() };
  return subgraph;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into answers of many shapes.
  readonly data: Record<string, never>;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  readonly extensions?: Record<string, never>;
}

export interface Shop {
  readonly router: Router;
  readonly supply: Pick<RouterOptions, "supergraphSdl" | "connections">;
  readonly products: Subgraph;
  readonly reviews: Subgraph;
  readonly logged: Record<string, unknown>[];
  ask(query: string, headers?: Record<string, string>, path?: string): Promise<Answer>;
  metrics(): Promise<string>;
}

type ShopOptions = Partial<RouterOptions> & { readonly remote?: Omit<Partial<RemoteOptions>, "name" | "url"> };

/** Everything is closed after the test that opened it. */
export async function openShop({ remote = {}, ...options }: ShopOptions = {}): Promise<Shop> {
  const names = Object.keys(sources) as Name[];
  const [products, reviews] = await Promise.all([serve("products"), serve("reviews")]);
  const urls = { products: products.url, reviews: reviews.url };
  const { supergraphSdl } = compose(
    names.map((name) => ({ name, sdl: sources[name], file: `/shop/${name}.graphql`, url: urls[name] })),
  );
  const connections = names.map((name) => connectRemote({ name, url: urls[name], ...remote }));
  const logged: Record<string, unknown>[] = [];
  const write = (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>);
  const router = await startRouter({
    ...{ supergraphSdl, connections, verifier, port: 0, host: "127.0.0.1", development: true },
    telemetry: createTelemetry({ service: "test", destination: { write } }),
    ...options,
  });
  onTestFinished(async () => {
    await router.close();
    await Promise.all(connections.map((connection) => connection.close()));
  });
  return {
    supply: { supergraphSdl, connections },
    ...{ router, products, reviews, logged },
    ask: (query, headers, path) => ask(router, query, headers, path),
    metrics: async () => (await fetch(`${router.url}/metrics`)).text(),
  };
}

async function ask({ url }: Router, query: string, headers: Record<string, string> = {}, path = "/graphql") {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as Pick<Answer, "data" | "errors" | "extensions">;
  return { status: response.status, headers: response.headers, ...body };
}

export const asUser = { authorization: "Bearer ada" };
