import { expect, test } from "vitest";
import { groupByKey, inKeyOrder, newId } from "../src/index.js";

test("new ids rise", () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(ids).toEqual([...ids].sort());
});

test("rows come back in the order of the keys, null for a key without a row", () => {
  const rows = [{ id: "b" }, { id: "a" }];
  expect(inKeyOrder(["a", "x", "b", "a"], rows, (row) => row.id)).toEqual([rows[1], null, rows[0], rows[1]]);
  expect(groupByKey(["a", "x"], [...rows, { id: "a" }], (row) => row.id)).toEqual([[{ id: "a" }, { id: "a" }], []]);
});
