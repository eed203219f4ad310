import { expect, test } from "vitest";
import { treeOf } from "./event-tree.js";

const event = (id: string, causationId: string | null, ms: number) => ({ id, causationId, occurredAt: new Date(ms) });

test("each event stands below the one it is a reaction to, with its depth and how long it took", () => {
  const events = [
    event("a", null, 0),
    event("b", "a", 10),
    event("c", "a", 15),
    event("d", "b", 40),
    event("e", null, 50),
  ];
  const shown = treeOf(events).map(({ event: { id }, parentId, depth, offsetMs, afterParentMs }) => [
    id,
    parentId,
    depth,
    offsetMs,
    afterParentMs,
  ]);
  expect(shown).toEqual([
    ["a", null, 0, 0, null],
    ["b", "a", 1, 10, 10],
    ["d", "b", 2, 40, 30],
    ["c", "a", 1, 15, 15],
    ["e", null, 0, 50, null],
  ]);
});

test("an event whose cause is not there is a root", () => {
  expect(treeOf([event("b", "gone", 5)])).toMatchObject([{ parentId: null, depth: 0, offsetMs: 0 }]);
});

test("a circle ends, and no event is shown twice", () => {
  const nodes = treeOf([event("a", "b", 0), event("b", "a", 1), event("c", "c", 2)]);
  expect(nodes.map(({ event: { id } }) => id)).toEqual(["a", "b", "c"]);
});

test("a chain of thousands of events is no problem", () => {
  const chain = Array.from({ length: 2_000 }, (_, index) =>
    event(`${index}`, index === 0 ? null : `${index - 1}`, index),
  );
  expect(treeOf(chain).at(-1)).toMatchObject({ depth: 1_999, offsetMs: 1_999, afterParentMs: 1 });
});
