import { describe, expect, test } from "vitest";
import { checkRange, requestOfSeriesId, type SeriesRequest, seriesIdOf } from "./series-request.js";

const request: SeriesRequest = {
  metricKey: "energy.electricity",
  from: new Date("2024-01-01T00:00:00Z"),
  to: new Date("2025-01-01T00:00:00Z"),
  interval: "MONTH",
  aggregation: "SUM",
  fill: "ZERO",
  dimensions: { site: "Łódź", meter: "1" },
  groupBy: null,
};

describe("the id of a series", () => {
  test("leads back to the question", () => {
    expect(requestOfSeriesId(seriesIdOf(request))).toEqual(request);
  });

  test("is the same in whatever order the dimensions were named", () => {
    expect(seriesIdOf({ ...request, dimensions: { meter: "1", site: "Łódź" } })).toBe(seriesIdOf(request));
  });

  test.each(["", "x", "bnVsbA", Buffer.from("[1,2]").toString("base64url"), "01900000-0003-7000-8000-000000000001"])(
    "that nobody gave out (%j) is none",
    (id) => {
      expect(requestOfSeriesId(id)).toBeNull();
    },
  );

  test("cannot carry a range that would be refused when asked for", () => {
    expect(requestOfSeriesId(seriesIdOf({ ...request, interval: "HOUR", from: new Date(0) }))).toBeNull();
  });
});

describe("a range", () => {
  test("that is empty is refused", () => {
    expect(() => checkRange({ ...request, to: request.from })).toThrow(/`from` must be before `to`/);
  });
  test("of more than 10,000 buckets is refused, of a year of hours is not", () => {
    expect(() => checkRange({ ...request, interval: "HOUR", to: new Date("2026-01-01T00:00:00Z") })).toThrow(
      /coarser interval/,
    );
    expect(() => checkRange({ ...request, interval: "HOUR" })).not.toThrow();
  });
});
