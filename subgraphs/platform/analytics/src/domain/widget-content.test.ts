import { describe, expect, test } from "vitest";
import { requestOf, type WidgetQueryInput, widgetContent } from "./widget-content.js";

const query: WidgetQueryInput = {
  metricKey: "ghg.total",
  interval: "MONTH",
  aggregation: "SUM",
  fill: "NONE",
  dimensions: [],
  lastIntervals: 12,
};
const stored = (more: Partial<WidgetQueryInput> = {}) =>
  widgetContent({ kind: "LINE", title: "Total", query: { ...query, ...more } });

describe("a widget", () => {
  test("of the last twelve months ends with the running month", () => {
    const request = requestOf(stored(), new Date("2025-03-17T11:00:00Z"));
    expect([request?.from, request?.to].map((date) => date?.toISOString().slice(0, 10))).toEqual([
      "2024-04-01",
      "2025-04-01",
    ]);
  });

  test("of a fixed range asks for that range, whenever it is asked", () => {
    const range = { from: new Date("2024-01-01T00:00:00Z"), to: new Date("2025-01-01T00:00:00Z") };
    expect(requestOf(stored({ lastIntervals: null, ...range }), new Date())).toMatchObject(range);
  });

  test("needs one kind of range, and not two", () => {
    expect(() => stored({ lastIntervals: null })).toThrow(/needs `from` and `to`, or `lastIntervals`/);
    expect(() => stored({ from: new Date(0), to: new Date(1) })).toThrow(/not both/);
  });

  test("with a text has no query, and any other one has", () => {
    expect(widgetContent({ kind: "TEXT", title: "Note", text: "Draft figures." })).toMatchObject({
      text: "Draft figures.",
    });
    expect(() => widgetContent({ kind: "TEXT", title: "Note", text: "x", query })).toThrow(/no `query`/);
    expect(() => widgetContent({ kind: "BAR", title: "Bars" })).toThrow(/has a `query`/);
  });

  test("has a title", () => {
    expect(() => widgetContent({ kind: "TEXT", title: "  ", text: "x" })).toThrow(/1 to 200 characters/);
  });
});
