import { readFileSync } from "node:fs";
import * as shared from "@tessera/shared-types";
import { defineEvent, type EventContract } from "@tessera/shared-types";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { addToRelease, checkAgainstReleased, contractsIn, type ReleasedEvents } from "../src/release/index.js";

const recordFile = new URL("../../shared-types/released-events.json", import.meta.url);
const event = (shape: z.ZodRawShape, version = 1): EventContract<object> =>
  defineEvent("thing.changed", version, z.object(shape) as z.ZodType<object>);
const unit = z.enum(["kg", "t"]);
const released = addToRelease([event({ id: z.string(), unit })], {});
const reasons = (contract: EventContract<object>, record: ReleasedEvents = released): string =>
  checkAgainstReleased([contract], record)
    .problems.flatMap((problem) => problem.reasons)
    .join("\n");

test("the contracts of this repository go with what was released", () => {
  const record = JSON.parse(readFileSync(recordFile, "utf8")) as ReleasedEvents;
  const { problems } = checkAgainstReleased(contractsIn(shared), record);
  const help = "Take the change back, or define a new version beside the old one: npm run events -- --check says more.";
  expect(problems, help).toEqual([]);
  expect(Object.keys(record)).toContain("ghg.emissions.calculated");
});

describe("within a version", () => {
  const allowed: [string, z.ZodRawShape][] = [
    ["nothing may change", { id: z.string(), unit }],
    ["an optional property may join", { id: z.string(), unit, note: z.string().optional() }],
    ["a description may change", { id: z.string().describe("What changed."), unit }],
  ];
  for (const [title, shape] of allowed) {
    test(title, () => expect(reasons(event(shape))).toBe(""));
  }

  const refused: [string, z.ZodRawShape, string][] = [
    [
      "a required property may not join",
      { id: z.string(), unit, note: z.string() },
      'old events: The payload: the contract needs the property "note"; the released one does not have it.',
    ],
    [
      "a property may not leave",
      { id: z.string() },
      'readers that have not changed yet: The payload: the released contract needs the property "unit"; the contract does not have it.',
    ],
    [
      "a required property may not become optional",
      { id: z.string().optional(), unit },
      'the released contract needs the property "id"; the contract may leave it out.',
    ],
    [
      "a type may not change",
      { id: z.number(), unit },
      "old events: /id: the contract takes a number; the released one allows a string.",
    ],
    [
      "a value may not join a list",
      { id: z.string(), unit: z.enum(["kg", "t", "g"]) },
      'readers that have not changed yet: /unit: the released contract does not take "g", which the contract allows.',
    ],
    [
      "a value may not leave a list",
      { id: z.string(), unit: z.enum(["kg"]) },
      'old events: /unit: the contract does not take "t", which the released one allows.',
    ],
    [
      "null may not become possible",
      { id: z.string().nullable(), unit },
      "/id: the released contract does not take null, which the contract allows.",
    ],
    [
      "a pattern may not come",
      { id: z.string().regex(/^a/), unit },
      'old events: /id: the contract takes texts of the pattern "^a" only; the released one allows others.',
    ],
  ];
  for (const [title, shape, sentence] of refused) {
    test(title, () => expect(reasons(event(shape))).toContain(sentence));
  }
});

test("a new version beside the old one may be anything, and is not released before it is recorded", () => {
  const both = [event({ id: z.string(), unit }), event({ key: z.number() }, 2)];
  expect(checkAgainstReleased(both, released)).toEqual({ problems: [], added: ["thing.changed@2"], changed: [] });
  expect(checkAgainstReleased(both, addToRelease(both, released)).added).toEqual([]);
});

test("a released version may not disappear: stored events are written in it", () => {
  const { problems } = checkAgainstReleased([event({ key: z.number() }, 2)], released);
  expect(problems).toMatchObject([{ type: "thing.changed", version: 1 }]);
});

test("a contract has to go with every release of its version, since old events are replayed", () => {
  const record = [
    event({ id: z.string(), unit, note: z.string().optional() }),
    event({ id: z.string(), unit }),
  ].reduce<ReleasedEvents>((before, contract) => addToRelease([contract], before), released);
  expect(reasons(event({ id: z.string(), unit, note: z.string().optional() }), record)).toBe("");
  const asNumber = event({ id: z.string(), unit, note: z.number().optional() });
  expect(reasons(asNumber, record)).toContain("/note: the contract takes a number; the released one allows a string.");
});

test("a release that changes nothing adds nothing to the record", () => {
  expect(addToRelease([event({ id: z.string(), unit })], released)).toEqual(released);
});
