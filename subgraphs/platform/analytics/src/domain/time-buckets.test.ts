import { describe, expect, test } from "vitest";
import type { Interval } from "../tables.js";
import { bucketAfter, bucketOf, bucketsBetween, bucketsIn } from "./time-buckets.js";

const at = (text: string) => new Date(text);

describe("a bucket", () => {
  test.each<[Interval, string]>([
    ["HOUR", "2024-05-31T23:00:00.000Z"],
    ["DAY", "2024-05-31T00:00:00.000Z"],
    ["MONTH", "2024-05-01T00:00:00.000Z"],
    ["QUARTER", "2024-04-01T00:00:00.000Z"],
    ["YEAR", "2024-01-01T00:00:00.000Z"],
  ])("of %s starts in UTC, whatever zone the time was written in", (interval, start) => {
    expect(bucketOf(at("2024-06-01T01:59:59.999+02:00"), interval).toISOString()).toBe(start);
  });

  test("before 1970 starts before the instant, not after it", () => {
    expect(bucketOf(at("1969-12-31T23:30:00Z"), "HOUR").toISOString()).toBe("1969-12-31T23:00:00.000Z");
  });

  test("of a quarter is followed across the turn of the year", () => {
    expect(bucketAfter(at("2023-10-01T00:00:00Z"), "QUARTER").toISOString()).toBe("2024-01-01T00:00:00.000Z");
    expect(bucketsBetween(at("2023-10-01T00:00:00Z"), at("2024-07-01T00:00:00Z"), "QUARTER")).toBe(3);
  });
});

test("a range takes in every bucket it touches, and not the one that begins at its end", () => {
  const days = bucketsIn(at("2024-02-28T12:00:00Z"), at("2024-03-01T00:00:00Z"), "DAY");
  expect(days.map((day) => day.toISOString().slice(0, 10))).toEqual(["2024-02-28", "2024-02-29"]);
});
