import { expect, test } from "vitest";
import { numberOrText } from "./report-xlsx.js";

test("a decimal of up to 15 digits is a number in a spreadsheet", () => {
  expect(numberOrText("-1234.5")).toBe(-1234.5);
  expect(numberOrText("123456789012345")).toBe(123456789012345);
});

test("a decimal that would lose digits as a number stays text", () => {
  expect(numberOrText("0.1234567890123456")).toBe("0.1234567890123456");
  expect(numberOrText("12345678901234567890")).toBe("12345678901234567890");
});
