import { Decimal } from "decimal.js";
import { describe, expect, test } from "vitest";
import { quantile, quarterOf, releaseOf, sizeBandOf } from "./benchmark-release.js";

const day = (number: number) => new Date(Date.UTC(2025, 0, number));
const given = (values: readonly (string | null)[], on = day(1)) => values.map((value) => ({ value, changedAt: on }));

describe("a group of contributions", () => {
  test("of four is suppressed, of five is published", () => {
    expect(releaseOf(given(["1", "2", "3", "4"]), null)).toEqual({ kind: "SUPPRESS" });
    expect(releaseOf(given(["1", "2", "3", "4", "5"]), null)).toMatchObject({
      kind: "PUBLISH",
      edition: { n: 5, median: "3" },
    });
  });

  test("is not published anew when a sixth one joins: the difference would be its figure", () => {
    const six = [...given(["1", "2", "3", "4", "5"]), ...given(["600"], day(3))];
    expect(releaseOf(six, day(2))).toEqual({ kind: "KEEP" });
  });

  test("is published anew once five contributors changed", () => {
    const grown = [...given(["1", "2", "3", "4", "5"]), ...given(["6", "7", "8", "9", "10"], day(3))];
    expect(releaseOf(grown, day(2))).toMatchObject({ kind: "PUBLISH", edition: { n: 10 } });
  });

  test("disappears when so many withdraw that fewer than five are left", () => {
    expect(releaseOf([...given(["1", "2", "3", "4"]), ...given([null], day(3))], day(2))).toEqual({ kind: "SUPPRESS" });
  });

  test("shows nobody's exact figure, though the median of five is one", () => {
    const release = releaseOf(given(["10111", "20222", "30333", "40444", "50555"]), null);
    expect(release).toMatchObject({ edition: { lowerQuartile: "20000", median: "30000", upperQuartile: "40000" } });
  });
});

test("quantiles are those of R's example for type 7: quantile(1:10)", () => {
  const numbers = Array.from({ length: 10 }, (_, index) => new Decimal(index + 1));
  expect([0.25, 0.5, 0.75].map((share) => quantile(numbers, share).toFixed())).toEqual(["3.25", "5.5", "7.75"]);
});

test("a figure's quarter is judged by the published quartiles", () => {
  const edition = { lowerQuartile: "10", median: "20", upperQuartile: "30" };
  expect(["9.9", "10", "20", "30"].map((value) => quarterOf(value, edition))).toEqual([
    "LOWEST",
    "SECOND",
    "THIRD",
    "HIGHEST",
  ]);
});

test("size bands follow the headcounts of Recommendation 2003/361/EC", () => {
  expect([9, 10, 49, 50, 249, 250].map(sizeBandOf)).toEqual(["MICRO", "SMALL", "SMALL", "MEDIUM", "MEDIUM", "LARGE"]);
});
