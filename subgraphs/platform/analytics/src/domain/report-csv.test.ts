import { describe, expect, test } from "vitest";
import { csvCell } from "./report-csv.js";

describe("a CSV cell", () => {
  test.each(["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])(
    "%j cannot run as a formula",
    (text) => {
      expect(csvCell(text).replace(/^"/, "")).toMatch(/^'/);
    },
  );

  test.each(["-12.5", "0", "-1", "12345678901234567890.123456789"])("%j stays a number", (text) => {
    expect(csvCell(text)).toBe(text);
  });

  test("with a comma, a quote or a line break is quoted", () => {
    expect(csvCell('a,"b"\nc')).toBe('"a,""b""\nc"');
  });
});
