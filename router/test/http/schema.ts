/** What the tests of the client protocols ask: plain fields, streams, files, and cookies. */
import { setTimeout as sleep } from "node:timers/promises";
import { buildSchema, type GraphQLSchema } from "graphql";
import type { OperationRequest } from "../../src/request/outcome.js";
import type { RequestContext } from "../../src/request/request-context.js";

type Context = RequestContext & { readonly request: OperationRequest };

export const schema: GraphQLSchema = buildSchema(/* GraphQL */ `
  scalar Upload
  type Query {
    hello(name: String): String!
    long(length: Int!): String!
    broken: String
    who: String
    address: String
    cookie(value: String!): String
    wait(ms: Int!): Int
    aborted: Boolean
    files: [String!]!
    person: Person
  }
  type Person { id: ID! name: String slow: String }
  type Mutation { count(by: Int!): Int! upload(file: Upload, files: [Upload]): [String!]! }
  type Subscription {
    ticks(count: Int!, ms: Int): Int!
    numbered(count: Int!, from: Int): Int!
    flood: String!
    failing: Int
  }
`);

/** Streams that run right now, and how many events they made. */
export const sources = { open: 0, made: 0 };

async function* counted(count: number, ms: number): AsyncGenerator<number> {
  sources.open += 1;
  try {
    for (let tick = 1; tick <= count; tick += 1) {
      sources.made += 1;
      yield tick;
      await sleep(ms);
    }
  } finally {
    sources.open -= 1;
  }
}

async function* mapped<From, To>(source: AsyncGenerator<From>, to: (value: From) => To): AsyncGenerator<To> {
  for await (const value of source) yield to(value);
}

let total = 0;
const filesOf = ({ request }: Context) =>
  (request.files ?? []).map(({ path, file }) => `${path.join(".")}=${file.filename}:${file.mimetype}:${file.content}`);

const roots: Record<string, Record<string, (args: never, context: Context) => unknown>> = {
  Query: {
    hello: ({ name }: { name?: string }) => `Hello ${name ?? "Wörld"}`,
    long: ({ length }: { length: number }) => "ä".repeat(length),
    broken: () => {
      throw new Error("broken");
    },
    who: (_, { facts }) => facts.actor?.id ?? null,
    address: (_, { facts }) => facts.clientAddress,
    cookie: ({ value }: { value: string }, { head }) => {
      head.setCookie.push(`a=${value}`);
      head.headers.set("x-answered", value);
      return value;
    },
    wait: async ({ ms }: { ms: number }, { facts }) => {
      await sleep(ms, undefined, { signal: facts.signal }).catch(() => {});
      return facts.signal.aborted ? -1 : ms;
    },
    files: (_, context) => filesOf(context),
    person: () => ({ id: "1", name: "Ada", slow: "late" }),
  },
  Mutation: {
    count: ({ by }: { by: number }) => {
      total += by;
      return total;
    },
    upload: (_, context) => filesOf(context),
  },
};

const streams: Record<string, (args: never, context: Context) => AsyncGenerator<unknown>> = {
  ticks: ({ count, ms }: { count: number; ms?: number }) => counted(count, ms ?? 1),
  numbered: ({ count }: { count: number }, { request }) => {
    const after = Number(request.lastEventId?.slice(1) ?? 0);
    return mapped(counted(count, 1), (tick) => tick + after);
  },
  flood: () => mapped(counted(1_000_000, 0), () => "x".repeat(10_000)),
  failing: () =>
    mapped(counted(3, 1), (tick) => {
      if (tick === 2) throw new Error("the source broke");
      return tick;
    }),
};

for (const [type, fields] of Object.entries(roots)) {
  const defined = type === "Query" ? schema.getQueryType() : schema.getMutationType();
  for (const [name, resolve] of Object.entries(fields)) {
    const field = defined?.getFields()[name];
    if (field) field.resolve = (_, args, context) => resolve(args as never, context as Context);
  }
}
for (const [name, open] of Object.entries(streams)) {
  const field = schema.getSubscriptionType()?.getFields()[name];
  if (!field) continue;
  field.subscribe = (_, args, context) => open(args as never, context as Context);
  field.resolve = (value) => value;
}
