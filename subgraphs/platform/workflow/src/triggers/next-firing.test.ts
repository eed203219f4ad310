import { describe, expect, test } from "vitest";
import { countFirings, nextFiring } from "./next-firing.js";

const firings = (cron: string, zone: string, from: string, count: number) => {
  const found: (string | undefined)[] = [];
  for (let at: Date | null = new Date(from); at && found.length < count; ) {
    at = nextFiring(cron, zone, at);
    found.push(at?.toISOString());
  }
  return found;
};

describe("a schedule in a zone with summer time", () => {
  test("keeps its time on the clock, not in UTC", () => {
    expect(firings("0 6 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T05:00:00.000Z",
      "2026-03-29T04:00:00.000Z",
      "2026-03-30T04:00:00.000Z",
    ]);
  });

  test("is due at the end of the gap when its time is left out", () => {
    // On 29 March 2026 clocks in Berlin go from 02:00 to 03:00, at 01:00 UTC.
    expect(firings("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  test("is due once when its time comes twice", () => {
    // On 25 October 2026 clocks in Berlin go from 03:00 back to 02:00, at 01:00 UTC.
    expect(firings("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  test("counts what was missed", () => {
    const [from, until] = [new Date("2026-05-01T04:00:00Z"), new Date("2026-05-04T05:00:00Z")];
    expect(countFirings("0 6 * * *", "Europe/Berlin", from, until)).toBe(3);
    expect(countFirings("* * * * * *", "UTC", from, until)).toBe(1_000);
  });
});
