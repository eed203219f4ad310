import { esgEvents } from "@tessera/shared-types";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  addVersionOperation,
  deliverySchema,
  newPlace,
  type Place,
  publishOperation,
  registerOperation,
  searchOperation,
  start,
} from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const name = "external.supplier.delivery";
const withNote = {
  ...deliverySchema,
  properties: { ...deliverySchema.properties, note: { type: "string" } },
};
const register = (place: Place, more: object = {}) =>
  subgraph.as(place.owner).data(registerOperation, { input: { name, schema: deliverySchema, ...more } });

describe("the registry", () => {
  test("knows the platform's own types with their schemas, in every organization", async () => {
    const owner = subgraph.as(newPlace().owner);
    const { eventType } = await owner.data(
      `{ eventType(name: "${esgEvents.emissionsCalculated.type}") { id origin versions { version schema } } }`,
    );
    expect(eventType).toMatchObject({ origin: "PLATFORM", versions: [{ version: 1, schema: { type: "object" } }] });
    expect(eventType.versions[0].schema.required).toContain("calculationId");
    expect(await owner.entity("EventType", eventType.id, "name")).toEqual({ name: esgEvents.emissionsCalculated.type });
    const { eventTypes } = await owner.data(
      "{ eventTypes(origin: PLATFORM, first: 100) { totalCount nodes { name } } }",
    );
    const names = eventTypes.nodes.map(({ name }: { name: string }) => name);
    expect(names).toContain("identity.member.changed");
    expect(names.filter((one: string) => /reaction\.done|process\.changed|progressed$/.test(one))).toEqual([
      "ghg.import.progressed",
    ]);
  });

  test("takes a type of the organization's own producers, once, and shows it to nobody else", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const { registerEventType } = await register(place);
    expect(registerEventType).toMatchObject({
      name,
      origin: "EXTERNAL",
      compatibility: "BACKWARD",
      latestVersion: { version: 1, schema: deliverySchema },
    });
    const again = { input: { name, schema: deliverySchema } };
    expect(await subgraph.as(place.owner).error(registerOperation, again)).toMatchObject({ code: "EVENT_TYPE_EXISTS" });
    const read = `{ eventType(name: "${name}") { name } }`;
    expect(await subgraph.as(other.owner).data(read)).toEqual({ eventType: null });
    expect(await subgraph.as(other.owner).entity("EventType", registerEventType.id, "name")).toBeNull();
    expect(await subgraph.as(other.owner).data(registerOperation, again)).toMatchObject({
      registerEventType: { name },
    });
    expect(await subgraph.as(place.viewer).error(registerOperation, again)).toMatchObject({ code: "FORBIDDEN" });
    expect(await subgraph.as(place.viewer).data(read)).toEqual({ eventType: { name } });
  });

  test("refuses names that could be a module's, and schemas that are none", async () => {
    const owner = subgraph.as(newPlace().owner);
    const refusal = async (input: object) => owner.error(registerOperation, { input: { name, schema: {}, ...input } });
    for (const wrong of ["billing.invoice.paid", "external", "external.", "external.A", "externals.order"])
      expect(await refusal({ name: wrong })).toMatchObject({ code: "EVENT_TYPE_NAME_INVALID" });
    expect(await refusal({ schema: { type: "nonsense" } })).toMatchObject({ code: "SCHEMA_INVALID" });
    expect(await refusal({ schema: [] })).toMatchObject({ code: "SCHEMA_INVALID" });
    expect(await refusal({ schema: { pattern: "(a+)+\\1" } })).toMatchObject({ code: "SCHEMA_INVALID" });
  });

  test("takes a compatible version and refuses an incompatible one with each reason", async () => {
    const place = newPlace();
    await register(place);
    const owner = subgraph.as(place.owner);
    const { registerEventTypeVersion } = await owner.data(addVersionOperation, { name, schema: withNote });
    expect(registerEventTypeVersion).toMatchObject({
      latestVersion: { version: 2 },
      versions: [{ version: 1 }, { version: 2, schema: withNote }],
    });
    const breaking = {
      ...withNote,
      properties: { ...withNote.properties, crates: { type: "string" } },
      required: ["supplier", "crates", "note"],
    };
    const refusal = await owner.error(addVersionOperation, { name, schema: breaking });
    expect(refusal.code).toBe("SCHEMA_INCOMPATIBLE");
    const reasons = refusal.details.reasons as { version: number; pointer: string; reason: string }[];
    expect(reasons.length).toBeGreaterThanOrEqual(2);
    expect(reasons.every(({ version }) => version === 2)).toBe(true);
    expect(JSON.stringify(reasons)).toMatch(/crates/);
    expect(JSON.stringify(reasons)).toMatch(/note/);
    const check =
      "query ($n: String!, $s: JSON!) { checkEventSchema(name: $n, schema: $s) { compatible nextVersion problems { version pointer reason } } }";
    const checked = (schema: object) => subgraph.as(place.viewer).data(check, { n: name, s: schema });
    expect((await checked(breaking)).checkEventSchema).toEqual({
      compatible: false,
      nextVersion: 3,
      problems: reasons,
    });
    expect((await checked(withNote)).checkEventSchema).toEqual({ compatible: true, nextVersion: 3, problems: [] });
    expect((await checked({ minLength: -1 })).checkEventSchema).toMatchObject({
      compatible: false,
      problems: [{ version: null, pointer: "/minLength" }],
    });
  });

  test("judges by the mode of the type, which changes only when the versions there are meet the new one", async () => {
    const place = newPlace();
    await register(place, { compatibility: "FORWARD" });
    const owner = subgraph.as(place.owner);
    const stricter = { ...withNote, required: [...deliverySchema.required, "note"] };
    const open = { ...stricter, additionalProperties: true };
    const first = await owner.error(addVersionOperation, { name, schema: open });
    expect(first).toMatchObject({ code: "SCHEMA_INCOMPATIBLE" });
    const change =
      "mutation ($n: String!, $c: CompatibilityMode!) { changeEventTypeCompatibility(name: $n, compatibility: $c) { compatibility } }";
    expect(await owner.data(change, { n: name, c: "NONE" })).toMatchObject({
      changeEventTypeCompatibility: { compatibility: "NONE" },
    });
    await owner.data(addVersionOperation, { name, schema: stricter });
    expect(await owner.error(change, { n: name, c: "FULL_TRANSITIVE" })).toMatchObject({ code: "SCHEMA_INCOMPATIBLE" });
    expect(await owner.error(change, { n: "external.unknown", c: "NONE" })).toMatchObject({
      code: "EVENT_TYPE_UNKNOWN",
    });
    expect(await owner.error(change, { n: esgEvents.emissionsCalculated.type, c: "NONE" })).toMatchObject({
      code: "EVENT_TYPE_NOT_OWN",
    });
    expect(await owner.error(addVersionOperation, { name: "identity.member.changed", schema: {} })).toMatchObject({
      code: "EVENT_TYPE_NOT_OWN",
    });
  });
});

describe("a producer outside", () => {
  const payload = { supplier: "Holm Dairy", crates: 12 };
  const publish = (place: Place, input: object) =>
    subgraph
      .as(place.producer)
      .data(publishOperation, { input: { type: name, aggregateId: "d-1", payload, ...input } });
  const refusal = (place: Place, input: object) =>
    subgraph
      .as(place.producer)
      .error(publishOperation, { input: { type: name, aggregateId: "d-1", payload, ...input } });
  const stored = async (place: Place) =>
    (await subgraph.as(place.owner).data(searchOperation, { filter: { types: ["external.*"] } })).storedEvents.nodes;

  test("publishes what its schema allows; it is stored, and found by the operation", async () => {
    const place = newPlace();
    await register(place);
    const { publishEvent } = await publish(place, {});
    expect(publishEvent).toMatchObject({ type: name, version: 1, repeated: false });
    await subgraph.settle();
    const [node] = await stored(place);
    expect(node).toMatchObject({
      source: "events",
      aggregateId: "d-1",
      payload,
      actorId: place.producer.id,
      correlationId: publishEvent.correlationId,
    });
  });

  test("is told each thing that is wrong with a payload, and then nothing is published", async () => {
    const place = newPlace();
    await register(place);
    const wrong = await refusal(place, { payload: { crates: 0, colour: "red" } });
    expect(wrong.code).toBe("PAYLOAD_INVALID");
    expect((wrong.details.reasons as unknown[]).length).toBe(3);
    expect(await refusal(place, { payload: { supplier: "x".repeat(300_000), crates: 1 } })).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
    });
    expect(await refusal(place, { payload: { supplier: "\u0000", crates: 1 } })).toMatchObject({
      code: "PAYLOAD_INVALID",
    });
    expect(await refusal(place, { type: "external.unknown" })).toMatchObject({ code: "EVENT_TYPE_UNKNOWN" });
    expect(await refusal(place, { type: "billing.invoice.paid" })).toMatchObject({ code: "EVENT_TYPE_UNKNOWN" });
    expect(await refusal(place, { type: "ghg.emissions.calculated" })).toMatchObject({ code: "EVENT_TYPE_NOT_OWN" });
    expect(await refusal(place, { version: 7 })).toMatchObject({ code: "EVENT_VERSION_UNKNOWN" });
    expect(await refusal(place, { aggregateId: " " })).toMatchObject({ code: "TEXT_INVALID" });
    await subgraph.settle();
    expect(await stored(place)).toEqual([]);
  });

  test("publishes once per key, also when both calls come at the same time", async () => {
    const place = newPlace();
    await register(place);
    const calls = await Promise.all([1, 2, 3].map(() => publish(place, { idempotencyKey: "delivery 17" })));
    const outcomes = calls.map(({ publishEvent }) => publishEvent);
    expect(outcomes.filter(({ repeated }) => repeated)).toHaveLength(2);
    expect(new Set(outcomes.map(({ correlationId }) => correlationId)).size).toBe(1);
    await publish(place, { idempotencyKey: "delivery 18" });
    await subgraph.settle();
    expect(await stored(place)).toHaveLength(2);
  });

  test("needs the scope to publish, and with it alone reads nothing", async () => {
    const place = newPlace();
    await register(place);
    const input = { type: name, aggregateId: "d-1", payload };
    expect(await subgraph.as(place.viewer).error(publishOperation, { input })).toMatchObject({ code: "FORBIDDEN" });
    expect(await subgraph.as(null).error(publishOperation, { input })).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await subgraph.as(place.producer).error(searchOperation)).toMatchObject({ code: "FORBIDDEN" });
    expect(await publish(place, {})).toMatchObject({ publishEvent: { repeated: false } });
  });
});
