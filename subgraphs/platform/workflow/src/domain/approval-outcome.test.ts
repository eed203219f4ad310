import fc from "fast-check";
import { expect, test } from "vitest";
import { neededOf, outcomeOf } from "./approval-outcome.js";

const decided = fc.constantFrom("APPROVED" as const, "REJECTED" as const);
const votes = fc.array(fc.option(decided, { nil: null }), { minLength: 1, maxLength: 12 });
const asked = votes.chain((all) =>
  fc.record({ all: fc.constant(all), needed: fc.integer({ min: 1, max: all.length }) }),
);

test("what is decided stays so, whatever those say who have not voted yet", () => {
  fc.assert(
    fc.property(asked, fc.infiniteStream(decided), ({ all, needed }, rest) => {
      const before = outcomeOf(needed, all);
      const after = outcomeOf(
        needed,
        all.map((vote) => vote ?? rest.next().value),
      );
      expect(after).not.toBe("PENDING");
      if (before !== "PENDING") expect(after).toBe(before);
    }),
  );
});

test("what is pending can still go either way", () => {
  fc.assert(
    fc.property(asked, ({ all, needed }) => {
      const fill = (decision: "APPROVED" | "REJECTED") =>
        outcomeOf(
          needed,
          all.map((vote) => vote ?? decision),
        );
      const isOpen = fill("APPROVED") === "APPROVED" && fill("REJECTED") === "REJECTED";
      expect(outcomeOf(needed, all) === "PENDING").toBe(isOpen);
    }),
  );
});

test("ALL needs all, ANY one, a QUORUM what it says", () => {
  expect([neededOf("ALL", null, 5), neededOf("ANY", null, 5), neededOf("QUORUM", 3, 5)]).toEqual([5, 1, 3]);
});
