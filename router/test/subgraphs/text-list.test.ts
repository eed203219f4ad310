/** Texts that are kept as one. */
import { expect, test } from "vitest";
import { TextList } from "../../src/subgraphs/text-list.js";

test.each([[[]], [["a"]], [["", "b,c", ""]], [["{}", '{"id":"ä"}', "x".repeat(100)]]])("%j", (texts) => {
  const list = TextList.of(texts);
  list.flatten();
  expect(list.length).toBe(texts.length);
  expect(list.joined).toBe(texts.join(","));
  expect(list.toArray()).toEqual(texts);
});
