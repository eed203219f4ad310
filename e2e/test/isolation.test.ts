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
  type GivenBack,
  type Graph,
  LeakCheck,
  leaksIn,
  likely,
  mistakeIn,
  nowhere,
  type Operation,
  operationsFor,
  ownOf,
  readSchema,
  rootFields,
  selectionOf,
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

/** Fields that show again what was given in an argument: keys, and ids of what no module here owns. */
const givenBack: Record<string, GivenBack> = {
  "CubeCell.metricKey": { by: ["metricKeys"] },
  "Membership.assignedProjects": { by: ["projectIds"], stored: true },
  "Metric.key": { by: ["key"] },
  "StoredEvent.payload.metricKeys": { by: ["key", "metricKeys"], stored: true },
  "Threshold.metricKey": { by: ["metricKey"] },
  "WorkflowDefinition.key": { by: ["key"] },
};

/** Stubs that give back the id they are asked for; what they add to it is for whom it names. */
const echoes = new Set(["User of workflow"]);

/** What says how often it was tried. */
const countsTries = new Set(["Mutation.login"]);

const anyId = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** As many operations take their time on a busy machine. */
const walkMs = 600_000;

describe.each(["single", "distributed"] as const)("in topology %s, strangers", { timeout: walkMs }, (topology) => {
  let graph: Graph;
  let schema: GraphQLSchema;
  let theirs: Belongings;
  let own: Belongings;
  let strangers: Asker[];
  let owner: Asker;
  let check: LeakCheck;
  let operations = 0;

  beforeAll(async () => {
    graph = await startGraph(topology);
    strangers = await strangersFrom(graph, "thistlemoor");
    owner = { role: "their owner", token: await graph.login(people.delia.email, asked) };
    schema = await readSchema(graph, owner.token ?? "");
    await furnish();
    theirs = await belongingsOf(graph.database, asked);
    own = await belongingsOf(graph.database, asking);
    check = new LeakCheck(theirs.secrets, own.secrets, givenBack);
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

  async function expectNoLeak(operation: Operation, { role, token }: Asker): Promise<Answer> {
    const answer = await graph.ask(operation.text, {}, token);
    const place = `${operation.coordinate} as ${role}`;
    expect(mistakeIn(answer), `${place} was not asked properly: ${operation.text}`).toBeUndefined();
    expect(check.find(answer, operation.text), place).toEqual([]);
    operations += 1;
    return answer;
  }

  test("are shown nothing by any query, whatever id or key of theirs is in whichever argument", async () => {
    for (const [root, field] of rootFields(schema.getQueryType())) await tryAll(root, field);
    expect(operations).toBeGreaterThan(100);
  });

  /** Everything with the strongest role; where each call is an operation, the likeliest ones with the others. */
  async function tryAll(root: GraphQLObjectType, field: Field): Promise<void> {
    const every = operationsFor(root, field, foreign(field, theirs, own));
    const few = every.length > 2 ? operationsFor(root, field, likely(theirs, own, asked)) : every;
    const [strongest, ...others] = strangers;
    if (strongest) for (const operation of every) await expectNoLeak(operation, strongest);
    for (const other of others) for (const operation of few) await expectNoLeak(operation, other);
    const mixed = [...likely(theirs, own, asked), ...smuggled(field, theirs, own, asking)];
    for (const operation of strongest ? operationsFor(root, field, mixed) : []) {
      const answer = await expectNoLeak(operation, strongest as Asker);
      if (!countsTries.has(operation.coordinate)) await expectSameOfNobody(operation, answer, strongest as Asker);
    }
  }

  /** Nor are strangers told whether there is such a thing: an id of theirs is refused like an id of nobody. */
  async function expectSameOfNobody({ text, coordinate }: Operation, answer: Answer, { token }: Asker): Promise<void> {
    const ids = [...theirs.secrets.ids].filter((id) => text.includes(id));
    if (ids.length === 0) return;
    const twin = ids.reduce((rest, id) => rest.replaceAll(id, nowhere), text);
    expect(refusalsIn(await graph.ask(twin, {}, token)), `${coordinate}: ${text}`).toEqual(refusalsIn(answer));
  }

  const refusalsIn = ({ errors = [] }: Answer) =>
    errors
      .map(({ path, extensions, message }) => `${path?.[0]} ${extensions.code} ${message.replace(anyId, "…")}`)
      .sort();

  test("are told apart from the owner, who is shown at least one of every type by the same queries", async () => {
    const asIfStranger = new LeakCheck(theirs.secrets, own.secrets, givenBack);
    const shown = new Map<string, number>();
    for (const [root, field] of rootFields(schema.getQueryType())) {
      for (const { text, coordinate } of operationsFor(root, field, foreign(field, theirs, theirs))) {
        const answer = await graph.ask(text, {}, owner.token);
        expect(mistakeIn(answer), `${coordinate} was not asked properly: ${text}`).toBeUndefined();
        const types = typesIn(answer.data);
        for (const type of types) shown.set(type, (shown.get(type) ?? 0) + 1);
        const noticed = types.length === 0 || asIfStranger.find(answer, text).length > 0;
        expect(noticed, `a stranger shown the owner's answer to ${coordinate} would not be noticed`).toBe(true);
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
    const leaks: string[] = [];
    const fields = rootFields(schema.getSubscriptionType());
    const clients = await Promise.all(
      [...strangers, owner].map(async ({ role, token }) => {
        const client = graph.socket(token);
        for (const [root, field] of fields) {
          for (const { text, coordinate } of oneByOne(root, field)) {
            const answers = heard.get(`${coordinate} as ${role}`) ?? [];
            heard.set(`${coordinate} as ${role}`, answers);
            const query = text.replace("a0: ", "");
            const next = (answer: unknown) => {
              answers.push(answer as Answer);
              if (role !== owner.role) leaks.push(...check.find(answer as Answer, query));
            };
            listen(client, query, next);
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
    expect(leaks).toEqual([]);
  });

  /** So many at once are more than the router plans at the same time: it says when to come again. */
  function listen(client: ReturnType<Graph["socket"]>, query: string, next: (answer: unknown) => void): void {
    const error = (refusal: unknown) => {
      if (isFull(refusal)) setTimeout(() => listen(client, query, next), 1_000);
    };
    client.subscribe({ query }, { next, error, complete: () => {} });
  }

  async function askAsOwner(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const answer = await graph.ask(query, variables, owner.token);
    if (!isFull(answer.errors)) return answer;
    await sleep(1_000);
    return askAsOwner(query, variables);
  }

  const isFull = (refusal: unknown) => JSON.stringify(refusal ?? null).includes('"OVERLOADED"');

  /** A subscription has one root field, so there is one for each of their things of the kind it asks for. */
  const oneByOne = (root: GraphQLObjectType, field: Field) =>
    [0, 1, 2, 3].flatMap((index) => operationsFor(root, field, [ownOf(theirs, asked, index)]));

  /** What moves Pinehollow's dashboard and calculation, again and again until its owner has heard of both. */
  async function untilHeard(heard: ReadonlyMap<string, readonly Answer[]>): Promise<void> {
    const { data } = await askAsOwner("{ emissionCalculations(status: DRAFT) { nodes { id } } }");
    const happen = `mutation ($c: ID!, $v: Decimal!) {
      recordMetricPoints(key: "energy.electricity", points: [{ at: "2024-05-01T00:00:00Z", value: $v }]) { id }
      recalculateEmissions(calculationId: $c) { id } }`;
    const count = (field: string) =>
      heard.get(`Subscription.${field} as ${owner.role}`)?.filter(({ data }) => data).length;
    for (let time = 1; time <= 40; time += 1) {
      await sleep(500);
      const { errors } = await askAsOwner(happen, {
        c: data.emissionCalculations.nodes[0].id,
        v: `${261_000 + time}`,
      });
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
      expect([...check.used].sort()).toEqual(Object.keys(givenBack));
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
          const answer = await graph.ask(text, {}, strangers[0]?.token);
          if (check.find(answer, text).length > 0) leaking.add(coordinate);
        }
      }
      expect(leaking.size).toBeGreaterThan(15);
    });
  }

  // In one process nothing but the router listens.
  if (topology === "distributed") {
    async function entitiesAt(url: string, shown: string, r: readonly object[], token: string | null): Promise<Data[]> {
      const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ${shown} } }`;
      const { data } = await graph.askAt(url, query, { r }, token);
      return data?._entities ?? [];
    }

    /** An echo is the id it was asked for, for whoever is somebody; then what it adds counts. */
    function addsToEcho(entities: readonly Data[], ids: readonly string[], token: string | null): boolean {
      const echo = entities.every((entity, index) => entity === null || (token && entity.id === ids[index]));
      expect(echo, "a stub gives back another id, or anything to nobody").toBe(true);
      const added = entities.map((entity) => ({ ...entity, id: null }));
      return leaksIn(added, theirs.secrets).length > 0;
    }

    async function everythingOf(name: string, url: string): Promise<string> {
      const type = (await readSchema(graph, owner.token ?? "", url)).getType(name);
      return selectionOf(type as GraphQLObjectType, ownOf(theirs, asked), 1_000);
    }

    test("are given no entity of theirs by any subgraph that they reach without the router, while the owner is", async () => {
      const ids = [...theirs.secrets.ids];
      for (const { name, url, keyed } of graph.subgraphs) {
        for (const type of keyed) {
          const isEcho = echoes.has(`${type} of ${name}`);
          const shown = isEcho ? await everythingOf(type, url) : "{ __typename id }";
          const r = ids.map((id) => ({ __typename: type, id }));
          for (const { role, token } of [...strangers, owner]) {
            const entities = await entitiesAt(url, `... on ${type} ${shown}`, r, token);
            const given = isEcho ? addsToEcho(entities, ids, token) : entities.some((entity) => entity !== null);
            const isTheirs = role === owner.role && nobodysOwn[type] === undefined;
            expect(given, `${type} of ${name} as ${role}`).toBe(isTheirs);
          }
        }
      }
    });
  }
});
