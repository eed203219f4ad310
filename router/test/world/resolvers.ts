/** Data and behaviour of the three subgraphs. Every request they get is kept, so that tests can count them. */
import type { SubgraphRequest } from "@tessera/shared-types";
import { GraphQLError } from "graphql";

export interface Call {
  readonly subgraph: string;
  readonly request: SubgraphRequest;
}

export interface SubgraphContext {
  readonly request: SubgraphRequest;
  readonly setCookie: string[];
}

interface Row {
  readonly __typename: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

const person = (id: string, name: string | null, more: object = {}): Row => ({
  __typename: "Person",
  id,
  name,
  ...more,
});
export const ada = person("p1", "Ada", {
  email: "ada@example.org",
  salary: 10,
  boss: { id: "p2" },
  badge: { code: "A" },
});
const bob = person("p2", "Bob", { email: "bob@example.org", salary: 20 });
const robot: Row = { __typename: "Robot", id: "r1", name: "Unit", power: 7 };
const berlin: Row = { __typename: "Site", id: "s1", name: "Berlin", kind: "PLANT", area: 50, manager: { id: "p1" } };
const oslo: Row = { __typename: "Site", id: "s2", name: "Oslo", kind: "OFFICE", area: 0, manager: { id: "p9" } };

const find = (rows: readonly Row[], id: unknown) => rows.find((row) => row.id === id) ?? null;

/** Rejects when the request is aborted, as a database call would. */
function wait(ms: number, { request }: SubgraphContext): Promise<void> {
  const { signal } = request.facts;
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(new Error("aborted"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort);
  });
}

export const peopleResolvers = {
  Query: {
    me: () => ada,
    person: (_: unknown, { id }: { id: string }) => find([ada, bob], id),
    people: () => [ada, bob],
    members: () => [ada, robot],
    agents: () => [ada, robot, null],
    nobody: () => null,
    slow: async (_: unknown, __: unknown, context: SubgraphContext) => {
      await wait(60_000, context);
      return "late";
    },
    wait: async (_: unknown, { ms }: { ms: number }, context: SubgraphContext) => {
      await wait(ms, context);
      return ms;
    },
    broken: () => {
      throw new Error("connection string postgres://secret");
    },
    secretly: () => {
      throw new GraphQLError("Take another one.", {
        extensions: { code: "PERSON_LOCKED", module: "people", details: { id: "p1" }, hint: "x" },
      });
    },
  },
  Mutation: {
    logIn: (_: unknown, { name }: { name: string }, context: SubgraphContext) => {
      context.setCookie.push(`session=${name}; HttpOnly`, "seen=1");
      return ada;
    },
    rename: (_: unknown, { id, name }: { id: string; name: string }) => ({ ...find([ada, bob], id), name }),
  },
  Member: { __resolveType: (row: Row) => row.__typename },
  Agent: { __resolveType: (row: Row) => row.__typename },
  Person: {
    __resolveReference: ({ id }: Row) => find([ada, bob], id),
    boss: ({ boss }: { boss?: Row }) => (boss ? find([ada, bob], boss.id) : null),
  },
};

export const sitesResolvers = {
  Query: { site: (_: unknown, { id }: { id: string }) => find([berlin, oslo], id), sites: () => [berlin, oslo] },
  Site: {
    __resolveReference: ({ id }: Row) => {
      if (id === "s3") throw new GraphQLError("This site is closed.", { extensions: { code: "SITE_CLOSED" } });
      return find([berlin, oslo], id);
    },
    manager: ({ manager }: { manager: Row }) => manager,
  },
  Person: { __resolveReference: ({ id }: Row) => ({ id, sites: id === "p1" ? [berlin, oslo] : [] }) },
};

function reading(id: number, site: string): Row {
  return {
    __typename: "Reading",
    id: `r${id}`,
    at: id,
    value: id / 2,
    note: "calm",
    site: { id: site },
    by: { id: "p1" },
    also: [{ id: "s1" }, { id: "s2" }, { id: "s1" }],
    signal:
      id % 2 ? { __typename: "Alarm", id: `a${id}`, at: id, level: 3 } : { __typename: "Reading", id: "r0", at: 0 },
  };
}

export const feedResolvers = {
  Query: { latest: () => reading(1, "s1") },
  Mutation: { record: () => reading(2, "s2") },
  Subscription: {
    readings: {
      subscribe: async function* (_: unknown, { site, count }: { site?: string; count: number }) {
        for (let id = 1; id <= count; id++) yield { readings: reading(id, site ?? "s1") };
      },
    },
    ticks: {
      subscribe: async function* (_: unknown, { ms }: { ms: number }, context: SubgraphContext) {
        for (let at = 0; !context.request.facts.signal.aborted; at++) {
          yield { ticks: { at } };
          await wait(ms, context).catch(() => {});
        }
      },
    },
    audit: {
      subscribe: async function* () {
        yield { audit: reading(1, "s1") };
      },
    },
    refused: {
      subscribe: () => {
        throw new GraphQLError("The feed is full.", { extensions: { code: "FEED_FULL" } });
      },
    },
  },
  Signal: { __resolveType: (row: Row) => row.__typename },
  Site: { intensity: ({ area }: { area: number }) => (area === 0 ? null : 100 / area) },
  Reading: { __resolveReference: ({ id }: Row) => reading(Number(String(id).slice(1)), "s1") },
};
