import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { anomaliesOf, anomalyLimit, seasonalScores } from "./anomalies.js";
import { modifiedZScores } from "./robust-statistics.js";

const vectors = new URL("../../test/vectors/", import.meta.url);
const windows: Record<string, [string, string][]> = JSON.parse(
  readFileSync(new URL("nab-windows.json", vectors), "utf8"),
);

/** Times that the seasonal score flags in one of the Numenta benchmark's series. */
function flagged(name: string, period: number): string[] {
  const text = gunzipSync(readFileSync(new URL(`nab-${name}.csv.gz`, vectors))).toString();
  const rows = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  const scores = seasonalScores(
    rows.map(([, value], x) => ({ x, y: Number(value) })),
    period,
  );
  return rows.flatMap(([time = ""], index) => (Math.abs(scores[index] ?? 0) > anomalyLimit ? [time] : []));
}

function windowsHit(name: string, times: readonly string[]): number {
  return (windows[name] ?? []).filter(([from, to]) => times.some((time) => time >= from && time <= to)).length;
}

describe("the seasonal robust z-score on the Numenta Anomaly Benchmark", () => {
  test("finds the jump of art_daily_jumpsup", () => {
    expect(windowsHit("art-daily-jumpsup", flagged("art-daily-jumpsup", 288))).toBe(1);
  });

  test("flags fewer than one in a thousand of the 4,032 values of art_daily_small_noise, which has no anomaly", () => {
    expect(flagged("art-daily-small-noise", 288).length).toBeLessThan(4);
  });

  test("finds all five holidays and storms of the New York taxi series, with its weekly season", () => {
    expect(windowsHit("nyc-taxi", flagged("nyc-taxi", 336))).toBe(5);
  });
});

describe("the modified z-score", () => {
  test("is 0.6745 (9 − 2) / 1 in the textbook sample 1, 1, 2, 2, 4, 6, 9 with median 2 and MAD 1", () => {
    expect(modifiedZScores([1, 1, 2, 2, 4, 6, 9]).at(-1)).toBeCloseTo(4.7215, 10);
  });

  test("uses the mean absolute deviation where more than half of the values are equal", () => {
    const scores = modifiedZScores([5, 5, 5, 5, 5, 5, 5, 9]);
    expect(scores[0]).toBe(0);
    expect(scores.at(-1)).toBeCloseTo(4 / (1.253314 * 0.5), 10);
  });

  test("is zero everywhere when all values are equal", () => {
    expect(modifiedZScores([3, 3, 3])).toEqual([0, 0, 0]);
  });
});

describe("anomalies of a growing seasonal series", () => {
  const season = [30, 10, -20, -20, 0, 0];
  const noise = [1, -1, 2, 0, -2, 1, 0];
  const growing = Array.from({ length: 36 }, (_, x) => ({
    x,
    y: 100 + 4 * x + (season[x % 6] ?? 0) + (noise[x % 7] ?? 0),
  }));

  test("are none while every value fits trend and season, however far first and last are apart", () => {
    expect(anomaliesOf(growing, 6)).toEqual([]);
  });

  test("are the one value that fits neither", () => {
    const odd = growing.map((point) => (point.x === 20 ? { ...point, y: point.y + 60 } : point));
    expect(anomaliesOf(odd, 6).map(({ index }) => index)).toEqual([20]);
  });
});
