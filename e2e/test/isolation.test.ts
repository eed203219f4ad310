import { setTimeout as sleep } from "node:timers/promises";
import { organizations, people } from "@tessera/demo-world";
import { builtInRoles } from "@tessera/shared-types";
import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Answer,
  type Asker,
  type Belongings,
  belongingsOf,
  type Data,
  digestOf,
  foreign,
  type Graph,
  keysOf,
  leaksIn,
  likely,
  mistakeIn,
  type Operation,
  operationsFor,
  ownOf,
  readSchema,
  rootFields,
  secretsIn,
  smuggled,
  startGraph,
  strangersFrom,
} from "../src/index.js";

/** Thistlemoor's people ask for what belongs to Pinehollow, its competitor. */
const asking = organizations.thistlemoor.id;
const asked = organizations.pinehollow.id;

type Field = GraphQLField<unknown, unknown>;

/** Tables that nothing in a short story or on the day of a test fills. */
const emptyByNature: Record<string, string> = {
  "events.dead_letter_decisions": "nothing fails in a story",
  "events.erased_people": "nobody is erased in a story",
  "ghg_calculator.factor_set": "publications come with the module; an organization has factors of its own, but no set",
};

/** Entity types of which the owner is shown none that is theirs alone, and why. */
const nobodysOwn: Record<string, string> = {
  Benchmark: "exists for five or more organizations only",
  ConsumerGroup: "a module, the same for everybody",
  DeadLetter: "nothing fails in a story",
  FactorSet: "published for everybody",
  MetricSeries: "the id says what was asked",
  Permission: "the same in every organization",
};

/** Stubs that give back the id they are asked for; their fields are the asker's own, as the queries above show. */
const echoed = new Set(["User of workflow"]);

/** As many operations take their time on a busy machine. */
const walkMs = 400_000;

describe.each(["single", "distributed"] as const)("in topology %s, strangers", { timeout: walkMs }, (topology) => {
  let graph: Graph;
  let schema: GraphQLSchema;
  let theirs: Belongings;
  let own: Belongings;
  let strangers: Asker[];
  let owner: Asker;
  /** Keys, and the ids in them, are handed out in arguments, so that to be shown them again says nothing. */
  let handedOut: Set<string>;
  /** Ids the strangers have written into what is theirs, which is shown to them again: a member's projects, say. */
  const written = new Set<string>();
  let operations = 0;

  beforeAll(async () => {
    graph = await startGraph(topology);
    strangers = await strangersFrom(graph, "thistlemoor");
    owner = { role: "their owner", token: await graph.login(people.delia.email, asked) };
    schema = await readSchema(graph, owner.token ?? "");
    await furnish();
    theirs = await belongingsOf(graph.database, asked);
    own = await belongingsOf(graph.database, asking);
    handedOut = new Set(keysOf(theirs).flatMap((key) => [key, ...secretsIn(key).ids]));
  }, walkMs);
  afterAll(() => graph?.close());

  /** What the stories could not tell because it needs several modules. */
  async function furnish(): Promise<void> {
    const contribute = `mutation { contributeToBenchmark(group: {
      metricKey: "ghg.total", year: 2024, industry: "Food manufacturing", employees: 920 }) { id } }`;
    expect((await graph.ask(contribute, {}, owner.token)).errors).toBeUndefined();
  }

  test("have all five built-in roles between them, or none at all, and work nowhere else", () => {
    expect(strangers.map(({ role }) => role).sort()).toEqual([...builtInRoles.map(({ key }) => key), "nobody"].sort());
  });

  test("could be shown something out of every table, because the other organization has something in each", () => {
    const empty = [...theirs.rows].filter(([, count]) => count === 0).map(([table]) => table);
    expect(empty).toEqual(Object.keys(emptyByNature));
    const { ids, texts, figures } = theirs.secrets;
    expect(Math.min(ids.size, texts.size, figures.size)).toBeGreaterThan(20);
  });

  async function expectNoLeak(operation: Operation, { role, token }: Asker, supplied: ReadonlySet<string>) {
    const answer = await graph.ask(operation.text, {}, token);
    const place = `${operation.coordinate} as ${role}`;
    if (!namesAnybody(operation)) {
      expect(mistakeIn(answer), `${place} was not asked properly: ${operation.text}`).toBeUndefined();
    }
    expectNothingOfTheirs(answer, place, supplied);
    operations += 1;
  }

  /** Whom work is given to is looked up when it is shown; where the id is nobody's, that is an error of the field. */
  const namesAnybody = ({ text }: Operation) => text.includes("personId:");

  /** Data never holds anything of theirs; an error may repeat the id that it was asked for. */
  function expectNothingOfTheirs({ data, errors }: Answer, place: string, supplied: ReadonlySet<string>): void {
    expect(leaksIn(data, theirs.secrets, new Set([...handedOut, ...written, ...supplied])), place).toEqual([]);
    expect(leaksIn(errors, theirs.secrets, new Set([...handedOut, ...theirs.secrets.ids])), place).toEqual([]);
  }

  const idsIn = ({ text }: Operation) => new Set([...theirs.secrets.ids].filter((id) => text.includes(id)));

  test("are shown nothing by any query, whatever id or key of theirs is in whichever argument", async () => {
    for (const [root, field] of rootFields(schema.getQueryType())) await tryAll(root, field);
    expect(operations).toBeGreaterThan(100);
  });

  /** Everything with the strongest role; where each call is an operation, the likeliest ones with the others. */
  async function tryAll(root: GraphQLObjectType, field: Field): Promise<void> {
    const every = operationsFor(root, field, foreign(field, theirs, own));
    const few = every.length > 2 ? operationsFor(root, field, likely(theirs, own, asked)) : every;
    const [strongest, ...others] = strangers;
    if (strongest) for (const operation of every) await expectNoLeak(operation, strongest, new Set());
    for (const other of others) for (const operation of few) await expectNoLeak(operation, other, new Set());
    // What is stored of an id that was handed in may be read again, but not what the id stands for.
    const mixed = operationsFor(root, field, smuggled(field, theirs, own, asking));
    for (const operation of strongest ? mixed : []) {
      if (root === schema.getMutationType()) for (const id of idsIn(operation)) written.add(id);
      await expectNoLeak(operation, strongest as Asker, idsIn(operation));
    }
  }

  test("are told apart from the owner, who is shown at least one of every type by the same queries", async () => {
    const shown = new Map<string, number>();
    for (const [root, field] of rootFields(schema.getQueryType())) {
      for (const { text, coordinate } of operationsFor(root, field, foreign(field, theirs, theirs))) {
        const answer = await graph.ask(text, {}, owner.token);
        expect(mistakeIn(answer), `${coordinate} was not asked properly: ${text}`).toBeUndefined();
        for (const type of typesIn(answer.data)) shown.set(type, (shown.get(type) ?? 0) + 1);
      }
    }
    const missing = entityTypes().filter((type) => !shown.has(type));
    expect(missing).toEqual(Object.keys(nobodysOwn));
  });

  /** Types that any module refers to by key. */
  const entityTypes = () => [...new Set(graph.subgraphs.flatMap(({ keyed }) => keyed))].sort();

  function typesIn(data: Data): string[] {
    if (typeof data !== "object" || data === null) return [];
    const own = theirs.secrets.ids.has(data.id) ? [data.__typename as string] : [];
    return [...own, ...Object.values(data).flatMap(typesIn)];
  }

  test("receive no event of theirs by any subscription, while the owner does", async () => {
    const heard = new Map<string, Answer[]>();
    const fields = rootFields(schema.getSubscriptionType());
    const clients = await Promise.all(
      [...strangers, owner].map(async ({ role, token }) => {
        const client = graph.socket(token);
        for (const [root, field] of fields) {
          for (const { text, coordinate } of oneByOne(root, field)) {
            const answers = heard.get(`${coordinate} as ${role}`) ?? [];
            heard.set(`${coordinate} as ${role}`, answers);
            const next = (answer: unknown) => void answers.push(answer as Answer);
            listen(client, text.replace("a0: ", ""), next);
            operations += 1;
          }
        }
        return client;
      }),
    );
    await untilHeard(heard);
    await Promise.all(clients.map((client) => client.dispose()));
    const strange = [...heard].filter(([place]) => !place.endsWith(owner.role));
    expect(strange.flatMap(([place, answers]) => answers.filter(({ data }) => data).map(() => place))).toEqual([]);
    for (const [place, answers] of strange)
      for (const answer of answers) expectNothingOfTheirs(answer, place, new Set());
  });

  /** So many at once are more than the router plans at the same time: it says when to come again. */
  function listen(client: ReturnType<Graph["socket"]>, query: string, next: (answer: unknown) => void): void {
    const error = (refusal: unknown) => {
      if (JSON.stringify(refusal).includes('"OVERLOADED"')) setTimeout(() => listen(client, query, next), 1_000);
    };
    client.subscribe({ query }, { next, error, complete: () => {} });
  }

  /** A subscription has one root field, so there is one for each of their things of the kind it asks for. */
  const oneByOne = (root: GraphQLObjectType, field: Field) =>
    [0, 1, 2, 3].flatMap((index) => operationsFor(root, field, [ownOf(theirs, asked, index)]));

  /** What moves Pinehollow's dashboard and calculation, again and again until its owner has heard of both. */
  async function untilHeard(heard: ReadonlyMap<string, readonly Answer[]>): Promise<void> {
    const { data } = await graph.ask("{ emissionCalculations(status: DRAFT) { nodes { id } } }", {}, owner.token);
    const happen = `mutation ($c: ID!, $v: Decimal!) {
      recordMetricPoints(key: "energy.electricity", points: [{ at: "2024-05-01T00:00:00Z", value: $v }]) { id }
      recalculateEmissions(calculationId: $c) { id } }`;
    const count = (field: string) =>
      heard.get(`Subscription.${field} as ${owner.role}`)?.filter(({ data }) => data).length;
    for (let time = 1; time <= 40; time += 1) {
      await sleep(500);
      const { errors } = await graph.ask(
        happen,
        { c: data.emissionCalculations.nodes[0].id, v: `${261_000 + time}` },
        owner.token,
      );
      expect(errors).toBeUndefined();
      if (count("dashboardUpdated") && count("emissionsCalculated")) break;
    }
    await sleep(500);
    expect([count("dashboardUpdated"), count("emissionsCalculated")]).not.toContain(0);
  }

  test("would be found out if they were shown an export: files in base64 are looked into", async () => {
    const dashboardId = theirs.ids.get("dashboard")?.[0];
    const report = "mutation ($id: ID!) { generateReport(dashboardId: $id, format: CSV) { content } }";
    const file = await graph.ask(report, { id: dashboardId }, owner.token);
    expect(leaksIn(file.data, theirs.secrets).length).toBeGreaterThan(10);
    const copy = "query ($id: ID!) { exportPersonalData(userId: $id) }";
    const { data } = await graph.ask(copy, { id: people.delia.id }, owner.token);
    expect(leaksIn(data, theirs.secrets)).toContain(people.delia.email);
  });

  // What a command writes does not depend on how the router reaches it, and there are many of them.
  if (topology === "single") {
    test("change nothing of theirs by any mutation, and are shown nothing by its answer", async () => {
      const before = await digestOf(graph.database, asked);
      for (const [root, field] of rootFields(schema.getMutationType())) await tryAll(root, field);
      expect(operations).toBeGreaterThan(1_000);
      expect(await digestOf(graph.database, asked)).toEqual(before);
    });

    test("would be noticed if the database did not keep tenants apart", async () => {
      for (const table of theirs.rows.keys()) {
        const [schemaName = "", name = ""] = table.split(".");
        const { admin } = graph.database;
        await admin`alter table ${admin(schemaName)}.${admin(name)} disable row level security`;
      }
      const leaking = new Set<string>();
      for (const [root, field] of rootFields(schema.getQueryType())) {
        for (const { text, coordinate } of operationsFor(root, field, likely(theirs, own, asked))) {
          const { data } = await graph.ask(text, {}, strangers[0]?.token);
          if (leaksIn(data, theirs.secrets, handedOut).length > 0) leaking.add(coordinate);
        }
      }
      expect(leaking.size).toBeGreaterThan(15);
    });
  }

  // In one process nothing but the router listens.
  if (topology === "distributed") {
    test("are given no entity of theirs by any subgraph that they reach without the router, while the owner is", async () => {
      const ids = [...theirs.secrets.ids];
      for (const { name, url, keyed } of graph.subgraphs) {
        for (const type of keyed.filter((one) => !echoed.has(`${one} of ${name}`))) {
          const r = ids.map((id) => ({ __typename: type, id }));
          const query = `query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on ${type} { id } } }`;
          for (const { role, token } of [...strangers, owner]) {
            const { data } = await graph.askAt(url, query, { r }, token);
            const given = (data?._entities ?? []).filter((entity: Data) => entity !== null);
            const isTheirs = role === owner.role && nobodysOwn[type] === undefined;
            expect(given.length > 0, `${type} of ${name} as ${role}`).toBe(isTheirs);
          }
        }
      }
    });
  }
});
