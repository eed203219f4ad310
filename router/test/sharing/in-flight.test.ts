/** Equal queries of one person that run at the same moment are executed once, and nothing else is shared. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Call,
  connect,
  Feed,
  feedResolvers,
  feedSdl,
  openStage,
  type Stage,
  type StageOptions,
  supergraphOf,
} from "../subscription/stage.js";

const wait = { timeout: 20_000 };

const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])
type Query { slow(n: Int): String cookie: String broken: String me: String }
type Mutation { change: String }
type Item @key(fields: "id") { id: ID! }`;
const supergraphSdl = supergraphOf({ feed: feedSdl, work: sdl });

interface Work extends Stage {
  /** Lets everything that waits be answered. */
  answer(): void;
  readonly waiting: () => number;
  readonly aborted: () => number;
}

const opened: Stage[] = [];
afterEach(async () => {
  for (const { router } of opened.splice(0)) await router.close();
});

async function start(options: StageOptions = {}): Promise<Work> {
  const calls: Call[] = [];
  const waiting = new Set<() => void>();
  let aborted = 0;
  const patiently = (_: unknown, args: { n?: number }, { facts }: Call["request"]) =>
    new Promise<string>((resolve, reject) => {
      const answer = () => resolve(`${facts.actor?.id ?? "nobody"} ${args.n ?? 0}`);
      waiting.add(answer);
      facts.signal.addEventListener("abort", () => {
        aborted += 1;
        waiting.delete(answer);
        reject(new Error("aborted"));
      });
    });
  const broken = () => {
    throw new Error("broken");
  };
  const resolvers = {
    Query: { slow: patiently, cookie: patiently, broken, me: patiently },
    Mutation: { change: patiently },
  };
  const work = connect("work", sdl, resolvers, calls);
  const stage = await openStage({
    supergraphSdl,
    ...options,
    connections: [
      connect("feed", feedSdl, feedResolvers(new Feed()), calls),
      {
        ...work,
        execute: async (request) => {
          const result = await work.execute(request);
          return request.query.includes("cookie") ? { ...result, setCookie: ["session=1"] } : result;
        },
      },
    ],
  });
  opened.push(stage);
  const answer = () => {
    for (const one of [...waiting]) {
      waiting.delete(one);
      one();
    }
  };
  return {
    ...stage,
    ...{ answer, waiting: () => waiting.size, aborted: () => aborted },
    asked: () => calls.filter(({ subgraph }) => subgraph === "work"),
  };
}

let work: Work;
beforeEach(async () => {
  work = await start();
});

interface Asking {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

const ask = async (body: object | string, { headers = {}, signal }: Asking = {}) => {
  const response = await fetch(`${work.router.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer ada", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  return {
    ...((await response.json()) as { data?: unknown; errors?: { extensions: Record<string, unknown> }[] }),
    headers: response.headers,
    status: response.status,
  };
};

const slow = { query: "{ slow }" };
/** Waits until what was asked has arrived, whether or not it has reached the subgraph. */
const running = (count: number) => expect.poll(() => seen, wait).toBe(count);
let seen = 0;
/** Counts requests when they come in. */
const counting = {
  hooks: [
    {
      onRequest: () => {
        seen += 1;
      },
    },
  ],
};

describe("equal queries of one person", () => {
  beforeEach(async () => {
    seen = 0;
    work = await start(counting);
  });

  test("are executed once, and answered each", async () => {
    const answers = [1, 2, 3, 4].map(() => ask(slow));
    await running(4);
    await expect.poll(work.waiting, wait).toBe(1);
    work.answer();
    for (const { data } of await Promise.all(answers)) expect(data).toEqual({ slow: "ada 0" });
    expect(work.asked("work")).toHaveLength(1);
  });

  test("are executed again when they come later", async () => {
    for (const calls of [1, 2]) {
      const answer = ask(slow);
      await expect.poll(work.waiting, wait).toBe(1);
      work.answer();
      expect((await answer).data).toEqual({ slow: "ada 0" });
      expect(work.asked("work")).toHaveLength(calls);
    }
  });

  test("share what goes wrong as well", async () => {
    const answers = [1, 2].map(() => ask({ query: "{ slow broken }" }));
    await running(2);
    await expect.poll(work.waiting, wait).toBe(1);
    work.answer();
    for (const { data, errors } of await Promise.all(answers)) {
      expect(data).toEqual({ slow: "ada 0", broken: null });
      expect(errors).toHaveLength(1);
    }
    expect(work.asked("work")).toHaveLength(1);
  });

  test("go on when the first of them leaves", async () => {
    const leaving = new AbortController();
    const first = ask(slow, { signal: leaving.signal });
    await running(1);
    const others = [ask(slow), ask(slow)];
    await running(3);
    await expect.poll(work.waiting, wait).toBe(1);
    leaving.abort();
    await expect(first).rejects.toThrow();
    expect(work.aborted()).toBe(0);
    work.answer();
    for (const { data } of await Promise.all(others)) expect(data).toEqual({ slow: "ada 0" });
    expect(work.asked("work")).toHaveLength(1);
  });

  test("end at the subgraph when the last of them leaves, and are asked anew by the next", async () => {
    const leaving = new AbortController();
    const all = [1, 2].map(() => ask(slow, { signal: leaving.signal }).catch(() => "left"));
    await running(2);
    await expect.poll(work.waiting, wait).toBe(1);
    leaving.abort();
    expect(await Promise.all(all)).toEqual(["left", "left"]);
    await expect.poll(work.aborted, wait).toBe(1);
    const next = ask(slow);
    await expect.poll(work.waiting, wait).toBe(1);
    work.answer();
    expect((await next).data).toEqual({ slow: "ada 0" });
  });

  test("that bring cookies are executed for each", async () => {
    const answers = [1, 2, 3].map(() => ask({ query: "{ cookie }" }));
    await running(3);
    await expect.poll(work.waiting, wait).toBe(1);
    work.answer();
    await expect.poll(work.waiting, wait).toBe(2);
    work.answer();
    for (const { data, headers } of await Promise.all(answers)) {
      expect([data, headers.getSetCookie()]).toEqual([{ cookie: "ada 0" }, ["session=1"]]);
    }
    expect(work.asked("work")).toHaveLength(3);
  });
});

describe("queries are executed each", () => {
  const variant = {
    query: "query A($n: Int) { slow(n: $n) } query B { slow }",
    operationName: "A",
    variables: { n: 1 },
  };

  test.each([
    ["of two tokens", slow, slow, { authorization: "Bearer bob" }],
    ["of two sets of scopes", slow, slow, { authorization: "Bearer ada.t1.more" }],
    ["of two tenants", slow, slow, { authorization: "Bearer ada.t2" }],
    ["with two cookies", slow, slow, { cookie: "session=2" }],
    ["with two values of a header that subgraphs get", slow, slow, { "user-agent": "another" }],
    ["with two values of a variable", variant, { ...variant, variables: { n: 2 } }, {}],
    ["of two names", variant, { ...variant, operationName: "B" }, {}],
    ["of two texts", slow, { query: "{ slow(n: 0) }" }, {}],
  ])("%s", async (_, one, other, headers) => {
    const answers = [ask(one), ask(other, { headers })];
    await expect.poll(work.waiting, wait).toBe(2);
    work.answer();
    for (const { errors } of await Promise.all(answers)) expect(errors).toBeUndefined();
    expect(work.asked("work")).toHaveLength(2);
  });

  test("when the option is off", async () => {
    work = await start({ execution: { shareInbound: false, planning: { workers: 0 } } });
    const answers = [ask(slow), ask(slow)];
    await expect.poll(work.waiting, wait).toBe(2);
    work.answer();
    await Promise.all(answers);
  });

  test("when they are mutations", async () => {
    const answers = [1, 2].map(() => ask({ query: "mutation { change }" }));
    await expect.poll(work.waiting, wait).toBe(2);
    work.answer();
    await Promise.all(answers);
  });

  test("with two headers that subgraphs do not get, only where an extension may look at them", async () => {
    const both = () => [ask(slow, { headers: { "x-extra": "1" } }), ask(slow, { headers: { "x-extra": "2" } })];
    seen = 0;
    work = await start(counting);
    const apart = both();
    await expect.poll(work.waiting, wait).toBe(2);
    work.answer();
    await Promise.all(apart);
    work = await start();
    const shared = both();
    await expect.poll(work.waiting, wait).toBe(1);
    work.answer();
    await Promise.allSettled(shared);
  });
});

test("a deadline that passes fails those whose it is, and the others are answered", async () => {
  seen = 0;
  work = await start({ ...counting, requestTimeoutMs: 3_000 });
  const first = ask(slow);
  await running(1);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const second = ask(slow);
  await running(2);
  const { status, errors } = await first;
  expect([status, errors?.[0]?.extensions.code]).toEqual([504, "REQUEST_TIMEOUT"]);
  work.answer();
  expect((await second).data).toEqual({ slow: "ada 0" });
  expect(work.asked("work")).toHaveLength(1);
});

test("rate limits count each, and each is told what is left for it", async () => {
  work = await start({ rateLimit: { store: "memory", tiers: { free: { perHour: 2 } }, perUserPerMinute: 1_000 } });
  const answers = [1, 2, 3].map(() => ask(slow));
  await expect.poll(work.waiting, wait).toBe(1);
  const refused = await Promise.race(
    answers.map(async (one) => ((await one).status === 429 ? one : new Promise<never>(() => {}))),
  );
  expect(refused.errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
  work.answer();
  const left = (await Promise.all(answers)).map(({ status, headers }) => [
    status,
    headers.get("x-ratelimit-remaining"),
  ]);
  expect(left.sort()).toEqual([
    [200, "0"],
    [200, "1"],
    [429, "0"],
  ]);
  expect(work.asked("work")).toHaveLength(1);
});
