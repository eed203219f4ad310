import { people } from "@tessera/demo-world";
import { builtInRoles } from "@tessera/shared-types";
import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AccessTable,
  type Answer,
  type Asker,
  allows,
  type Data,
  digestOf,
  type FieldAccess,
  type Given,
  type Graph,
  isLeftToModule,
  nowhere,
  operationFor,
  queryAlong,
  readAccessTable,
  readSchema,
  rootFields,
  type Scopes,
  scopesIn,
  startGraph,
  strangersFrom,
  waysToFields,
} from "../src/index.js";

type RootField = readonly [GraphQLObjectType, GraphQLField<unknown, unknown>];

/** Arguments that name nothing, so that what is let through does as little as possible. */
const nothing: Given = { id: () => nowhere, key: () => "walker", text: () => undefined };

const refusals = new Set(["UNAUTHORIZED_FIELD_OR_TYPE", "FORBIDDEN", "UNAUTHENTICATED"]);
const refusalsIn = ({ errors = [] }: Answer) =>
  errors.map(({ extensions }) => extensions.code).filter((code) => refusals.has(code));

const scopesOf = ({ role }: Asker): Scopes => {
  const found = builtInRoles.find(({ key }) => key === role);
  return found ? new Set(found.scopes) : null;
};

describe.each(["single", "distributed"] as const)("in topology %s", { timeout: 180_000 }, (topology) => {
  let graph: Graph;
  let schema: GraphQLSchema;
  let table: AccessTable;
  let askers: Asker[];
  let owner: string;

  beforeAll(async () => {
    graph = await startGraph(topology);
    owner = await graph.login(people.imogen.email);
    askers = await strangersFrom(graph, "thistlemoor");
    schema = await readSchema(graph, owner);
    table = readAccessTable(graph.subgraphs.map(({ sdl }) => sdl));
  }, 180_000);
  afterAll(() => graph?.close());

  const accessOf = ([root, { name }]: RootField): FieldAccess => {
    const coordinate = `${root.name}.${name}`;
    return table.get(coordinate) ?? { coordinate, stated: false, rules: [] };
  };
  const roots = (in_: GraphQLSchema = schema): RootField[] =>
    [in_.getQueryType(), in_.getMutationType()].flatMap(rootFields).filter(([, { name }]) => !name.startsWith("_"));
  const pairs = (allowed: boolean, fields: RootField[] = roots()): [RootField, Asker][] =>
    fields.flatMap((field) =>
      askers
        .filter((asker) => allows(accessOf(field), scopesOf(asker)) === allowed)
        .map((asker): [RootField, Asker] => [field, asker]),
    );

  test("every root field says in its schema file who may use it", () => {
    const subscriptions: RootField[] = rootFields(schema.getSubscriptionType());
    const silent = [...roots(), ...subscriptions].map(accessOf).filter(({ stated }) => !stated);
    expect(silent.map(({ coordinate }) => coordinate)).toEqual([]);
  });

  test("every root field is refused to each role that lacks its scopes, and then nothing happens", async () => {
    const refused = pairs(false);
    expect(refused.length).toBeGreaterThan(100);
    const before = await digestOf(graph.database);
    for (const [[root, field], { role, token }] of refused) {
      const answer = await graph.ask(operationFor(root, field, nothing), {}, token);
      const place = `${root.name}.${field.name} as ${role}`;
      expect(refusalsIn(answer), place).toEqual(["UNAUTHORIZED_FIELD_OR_TYPE"]);
      expect(answer.data?.[field.name] ?? null, place).toBeNull();
    }
    expect(await digestOf(graph.database)).toEqual(before);
  });

  test("every subscription is refused to each role that lacks its scopes", async () => {
    for (const field of rootFields(schema.getSubscriptionType())) {
      const refused = askers.filter((asker) => !allows(accessOf(field), scopesOf(asker)));
      expect(refused.map(({ role }) => role)).toContain("nobody");
      for (const { role, token } of refused) {
        const answer = await firstAnswer(operationFor(...field, nothing), token);
        expect(refusalsIn(answer), `${field[1].name} as ${role}`).not.toEqual([]);
      }
    }
  });

  /** What a subscription says first: for one that is refused, why. */
  async function firstAnswer(query: string, token: string | null): Promise<Answer> {
    const client = graph.socket(token);
    const answer = await new Promise<Answer>((resolve) => {
      const failed = (error: unknown) => resolve({ status: 0, errors: Array.isArray(error) ? error : [] });
      client.subscribe(
        { query },
        { next: (value) => resolve(value as unknown as Answer), error: failed, complete: () => failed([]) },
      );
    });
    await client.dispose();
    return answer;
  }

  test("a type's rule protects it wherever it is reached, and a field's rule its field, whoever lacks one scope", async () => {
    let asked = 0;
    for (const scope of scopesIn(table).filter((one) => hasNested(one))) {
      const scopes = allScopesBut(scope);
      const token = await tokenWith([...scopes]);
      const may = (coordinate: string) => allows(table.get(coordinate) ?? everybodys, scopes);
      for (const [coordinate, way] of waysToFields(schema, may)) {
        if (may(coordinate)) continue;
        const query = queryAlong(way, nothing);
        const answer = await graph.ask(query, {}, token);
        expect(refusalsIn(answer), `${query} without ${scope}`).toEqual(["UNAUTHORIZED_FIELD_OR_TYPE"]);
        expect(answer.errors?.[0]?.extensions.details.coordinate).toBe(coordinate);
        const last = way.at(-1)?.[1].name ?? "";
        expect(valuesOf(answer.data, last), query).toEqual([]);
        expect(refusalsIn(await graph.ask(query, {}, owner)), `${query} as owner`).not.toContain(
          "UNAUTHORIZED_FIELD_OR_TYPE",
        );
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(20);
  });

  const allScopesBut = (scope: string) =>
    new Set(builtInRoles.flatMap((role) => role.scopes).filter((one) => one !== scope));
  const everybodys: FieldAccess = { coordinate: "", stated: true, rules: [] };

  /** Whether a field that is no root field needs this scope. */
  const hasNested = (scope: string) =>
    [...table.values()].some(
      ({ coordinate, rules }) => !/^(Query|Mutation|Subscription)\./.test(coordinate) && rules.flat(2).includes(scope),
    );

  /** The owner's token with these scopes only, by an API key. */
  async function tokenWith(scopes: readonly string[]): Promise<string> {
    const make = 'mutation ($s: [String!]!) { createApiKey(input: { name: "narrow", scopes: $s }) { secret } }';
    const { data } = await graph.ask(make, { s: scopes }, owner);
    const exchange = "mutation ($k: String!) { exchangeApiKey(key: $k) { token } }";
    return (await graph.ask(exchange, { k: data.createApiKey.secret })).data.exchangeApiKey.token;
  }

  function valuesOf(data: Data, name: string): unknown[] {
    if (typeof data !== "object" || data === null) return [];
    const own = data[name] === undefined || data[name] === null ? [] : [data[name]];
    return [...own, ...Object.values(data).flatMap((value) => valuesOf(value, name))];
  }

  if (topology === "distributed") {
    test("a subgraph refuses the same when it is asked without the router, and then nothing happens", async () => {
      const before = await digestOf(graph.database);
      for (const { url } of graph.subgraphs) {
        const own = await readSchema(graph, owner, url);
        for (const [[root, field], { role, token }] of pairs(false, roots(own))) {
          const answer = await graph.askAt(url, operationFor(root, field, nothing), {}, token);
          const place = `${root.name}.${field.name} as ${role} at ${url}`;
          expect(refusalsIn(answer), place).toEqual([token === null ? "UNAUTHENTICATED" : "FORBIDDEN"]);
          expect(answer.data?.[field.name] ?? null, place).toBeNull();
        }
      }
      expect(await digestOf(graph.database)).toEqual(before);
    });

    test("a subgraph refuses entities of a protected type to whoever lacks one scope of it, and to nobody else", async () => {
      const tokens = new Map<Scopes, string | null>([[null, null]]);
      for (const scope of scopesIn(table)) {
        const scopes = allScopesBut(scope);
        tokens.set(scopes, await tokenWith([...scopes]));
      }
      for (const { url, keyed, sdl } of graph.subgraphs) {
        const rules = readAccessTable([sdl]);
        for (const type of keyed) {
          const query = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }";
          for (const [scopes, token] of tokens) {
            const answer = await graph.askAt(url, query, { r: [{ __typename: type, id: nowhere }] }, token);
            const open = scopes !== null && allows(rules.get(type) ?? everybodys, scopes);
            const refusal = scopes === null ? ["UNAUTHENTICATED"] : ["FORBIDDEN"];
            expect(refusalsIn(answer), `${type} at ${url}`).toEqual(open ? [] : refusal);
          }
        }
      }
    });
  }

  // Last, because what is let through is done: people leave, sessions end.
  test("every root field is open to each role that holds its scopes", async () => {
    for (const [field, { role, token }] of pairs(true)) {
      const [root, { name }] = field;
      const answer = await graph.ask(operationFor(root, field[1], nothing), {}, token);
      const found = refusalsIn(answer).filter((code) => code !== "FORBIDDEN" || !isLeftToModule(accessOf(field)));
      expect(found, `${root.name}.${name} as ${role}`).toEqual([]);
    }
  });
});
