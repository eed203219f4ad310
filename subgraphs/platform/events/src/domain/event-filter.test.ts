import { expect, test } from "vitest";
import { type EventFilter, isTypePattern, matches } from "./event-filter.js";

const event = {
  id: "e",
  type: "ghg.emissions.calculated",
  version: 1,
  tenantId: "t",
  aggregateId: "a",
  source: "ghg-calculator",
  occurredAt: "2026-03-01T12:00:00.000Z",
  actorId: null,
  correlationId: "c",
  causationId: null,
  payload: {},
};

test("a filter that names nothing holds every event; each thing it names must be met", () => {
  const held = (filter: EventFilter) => matches(filter, event);
  expect(held({})).toBe(true);
  expect(held({ types: [], sources: [], aggregateIds: [] })).toBe(true);
  expect(held({ types: ["ghg.*"], sources: ["ghg-calculator"], aggregateIds: ["a"], correlationId: "c" })).toBe(true);
  expect(held({ types: ["ghg.emissions.calculated"] })).toBe(true);
  expect(held({ types: ["gh.*"] })).toBe(false);
  expect(held({ types: ["ghg.emissions"] })).toBe(false);
  expect(held({ types: ["ghg.*"], sources: ["analytics"] })).toBe(false);
  expect(held({ aggregateIds: ["b"] })).toBe(false);
  expect(held({ actorId: "somebody" })).toBe(false);
});

test("time counts from an instant on, up to and without another one, whatever zone they are written in", () => {
  const held = (filter: EventFilter) => matches(filter, event);
  expect(held({ since: "2026-03-01T13:00:00+01:00" })).toBe(true);
  expect(held({ since: "2026-03-01T12:00:00.001Z" })).toBe(false);
  expect(held({ until: "2026-03-01T12:00:00.000Z" })).toBe(false);
  expect(held({ until: "2026-03-01T12:00:00.001Z" })).toBe(true);
});

test("a pattern is a type or a family of types", () => {
  expect(["ghg.*", "a.b", "ghg.emissions.*", "workflow.step_done"].map(isTypePattern)).toEqual(Array(4).fill(true));
  const wrong = ["*", "ghg", "ghg.", ".a", "A.b", "ghg.*.b", "a.%", `a.${"b".repeat(200)}`];
  expect(wrong.map(isTypePattern)).toEqual(Array(8).fill(false));
});
