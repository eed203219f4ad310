/** A router in front of a feed that tests push events into, and a catalogue that completes them. */
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { Actor, SubgraphConnection, SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import { createTelemetry, type Telemetry } from "@tessera/telemetry";
import { execute, GraphQLError, parse, subscribe } from "graphql";
import { compose, type Router, type RouterOptions, startRouter } from "../../src/index.js";
import { EventQueue } from "../../src/subgraphs/event-queue.js";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@override"])`;

export const feedSdl = `${link}
type Query { latest: Event }
type Subscription {
  event(topic: String = "a"): Event
  refused(with: String): Event
}
type Event @key(fields: "id") {
  id: ID!
  text: String
  secret: String @requiresScopes(scopes: [["secrets:read"]])
  item: Item
}
type Item @key(fields: "id", resolvable: false) { id: ID! }
`;

export const itemsSdl = `${link}
type Query { item(id: ID!): Item hello: String }
type Item @key(fields: "id") { id: ID! name: String stock: Int }
`;

export function supergraphOf(sources: Readonly<Record<string, string>>): string {
  const all = Object.entries(sources).map(([name, sdl]) => ({
    ...{ name, sdl, file: `/stage/${name}.graphql`, url: `http://${name}` },
  }));
  return compose(all).supergraphSdl;
}

export const supergraphSdl = supergraphOf({ feed: feedSdl, items: itemsSdl });

interface Topic {
  readonly topic: string;
  readonly queue: EventQueue<object>;
}

/** What a source of events is told, and what tests make of it. */
export class Feed {
  readonly #open = new Set<Topic>();
  /** Streams that were ever opened. */
  opened = 0;

  get active(): number {
    return this.#open.size;
  }

  open(topic: string): EventQueue<object> {
    const one: Topic = { topic, queue: new EventQueue(1_000, () => this.#open.delete(one)) };
    this.#open.add(one);
    this.opened += 1;
    return one.queue;
  }

  push(id: number, topic = "a", text = `text ${id}`): void {
    for (const { queue } of this.#of(topic))
      queue.push({ event: { id: `e${id}`, text, secret: `s${id}`, item: { id } } });
  }

  end(topic = "a"): void {
    for (const one of this.#of(topic)) {
      this.#open.delete(one);
      one.queue.complete();
    }
  }

  fail(error: unknown, topic = "a"): void {
    for (const one of this.#of(topic)) {
      this.#open.delete(one);
      one.queue.fail(error);
    }
  }

  #of(topic: string): Topic[] {
    return [...this.#open].filter((one) => one.topic === topic);
  }
}

export interface Call {
  readonly subgraph: string;
  readonly request: SubgraphRequest;
}

export type Resolvers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function feedResolvers(feed: Feed): Resolvers {
  const latest = { id: "e0", text: "latest", item: { id: 0 } };
  return {
    Query: { latest: () => latest },
    Event: { __resolveReference: () => latest },
    Subscription: {
      event: { subscribe: (_: unknown, { topic }: { topic: string }) => feed.open(topic) },
      refused: {
        subscribe: (_: unknown, args: { with?: string }) => {
          throw new GraphQLError("Not today.", { extensions: { code: args.with ?? "FEED_FULL" } });
        },
      },
    },
  };
}

export const itemsResolvers: Resolvers = {
  Query: { item: (_: unknown, { id }: { id: string }) => ({ id }), hello: () => "hello" },
  Item: { __resolveReference: ({ id }: { id: string }) => ({ id }), name: ({ id }: { id: string }) => `item ${id}` },
};

/** A subgraph of this process that keeps what it is asked. */
export function connect(name: string, sdl: string, resolvers: Resolvers, calls: Call[]): SubgraphConnection {
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
  const argsOf = (request: SubgraphRequest) => {
    calls.push({ subgraph: name, request });
    const variableValues = request.variables ?? {};
    return { schema, document: parse(request.query), variableValues, contextValue: request };
  };
  return {
    name,
    execute: async (request) => execute(argsOf(request)),
    async subscribe(request): Promise<AsyncIterableIterator<SubgraphResult>> {
      const started = await subscribe(argsOf(request));
      if (Symbol.asyncIterator in started) return started as AsyncGenerator<SubgraphResult, void, void>;
      throw started.errors?.[0];
    },
    close: async () => {},
  };
}

/** `person.tenant.scope+scope.milliseconds`: everything after the person may be left out. */
export const verifier = {
  async verify(token: string): Promise<Actor> {
    const [id = "", tenantId = "", scopes = "", lifetime] = token.split(".");
    const expires = lifetime ? { expiresAt: Date.now() + Number(lifetime) } : {};
    const rights = { scopes: new Set(scopes ? scopes.split("+") : []), roles: [], attributes: {} };
    return { kind: "user", id, tenantId: tenantId || "t1", ...rights, ...expires };
  },
};

export interface Stage {
  readonly router: Router;
  readonly feed: Feed;
  readonly calls: Call[];
  readonly connections: readonly SubgraphConnection[];
  readonly logged: string[];
  readonly telemetry: Telemetry;
  /** Calls of a subgraph. */
  asked(subgraph: string): Call[];
}

export type StageOptions = Partial<RouterOptions> & { readonly items?: Resolvers };

export async function openStage({ items = {}, ...options }: StageOptions = {}): Promise<Stage> {
  const calls: Call[] = [];
  const logged: string[] = [];
  const feed = new Feed();
  const connections = options.connections ?? [
    connect("feed", feedSdl, feedResolvers(feed), calls),
    connect("items", itemsSdl, { ...itemsResolvers, ...items }, calls),
  ];
  const telemetry =
    options.telemetry ?? createTelemetry({ service: "test", destination: { write: (line) => void logged.push(line) } });
  const router = await startRouter({
    ...{ supergraphSdl, verifier, telemetry },
    ...{ port: 0, host: "127.0.0.1", execution: { planning: { workers: 0 } } },
    ...options,
    connections,
  });
  return {
    ...{ router, feed, calls, connections, logged, telemetry },
    asked: (subgraph) => calls.filter((call) => call.subgraph === subgraph),
  };
}
