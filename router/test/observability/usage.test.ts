import { describe, expect, test } from "vitest";
import { factsOf } from "../../src/observability/operation-facts.js";
import { UsageCounts } from "../../src/observability/usage-counts.js";
import { operationOf, schema } from "./records.js";

const facts = (text: string) => factsOf(operationOf(text), schema);

describe("what is known of an operation", () => {
  test("is the same for operations that differ in literals, aliases and order only", () => {
    const one = facts('query A { user(id: "1") { name id } }');
    const other = facts('query A { u: user(id: "2") { id name } }');
    expect(other.hash).toBe(one.hash);
    expect(one.signature).not.toContain('"1"');
    expect(facts("query A { user(id: 1) { id } }").hash).not.toBe(one.hash);
  });

  test("is worked out once for each operation object", () => {
    const operation = operationOf("{ old }");
    expect(factsOf(operation, schema)).toBe(factsOf(operation, schema));
  });

  test("names each field once, also those of fragments, without introspection", () => {
    const text =
      "{ __typename __schema { types { name } } a: node { id ...U } b: node { id } } fragment U on User { name id }";
    expect(facts(text).fields.toSorted()).toEqual(["Node.id", "Query.node", "User.id", "User.name"]);
  });
});

describe("usage of fields", () => {
  const profile = facts("{ user(id: 1) { name } }");
  const names = facts("{ user(id: 1) { id name } }");

  test("is told by client, the most used fields first, and the unused ones of the schema by name", () => {
    const usage = new UsageCounts();
    for (const client of ["web", "web", "app", ""]) usage.count(profile, client);
    usage.count(names, "app");
    const report = usage.report({ schema });
    expect(report.requests).toBe(5);
    expect(report.fields).toEqual([
      { field: "Query.user", requests: 5, clients: { web: 2, app: 2, "(unnamed)": 1 } },
      { field: "User.name", requests: 5, clients: { web: 2, app: 2, "(unnamed)": 1 } },
      { field: "User.id", requests: 1, clients: { app: 1 } },
    ]);
    expect(report.unused).toEqual(["Query.node", "Query.old", "Mutation.rename", "Node.id", "User.friends"]);
    expect(Date.parse(report.since)).toBeLessThanOrEqual(Date.now());
  });

  test("can be cut to the top, and goes on counting after it was read", () => {
    const usage = new UsageCounts();
    usage.count(names, "web");
    usage.report({});
    usage.count(names, "web");
    expect(usage.report({ top: 1 }).fields).toEqual([{ field: "Query.user", requests: 2, clients: { web: 2 } }]);
  });

  test("is bounded, whatever clients call themselves and however many operations there are", () => {
    const usage = new UsageCounts({ maxClients: 2, maxFields: 2 });
    for (let request = 0; request < 5_000; request += 1) {
      usage.count({ ...names }, `client-${request}`);
    }
    const { fields, requests } = usage.report({});
    expect(requests).toBe(5_000);
    expect(fields.map(({ field }) => field)).toEqual(["Query.user", "User.id"]);
    expect(fields[0]?.clients).toEqual({ "client-0": 1, "client-1": 1, "(others)": 4_998 });
  });
});
