/** Compares a result with the published figures, digit by digit. */
import type { Result } from "./operations.js";
import { type PublishedLine, publishedCategories, publishedLines, publishedTotals } from "./published.js";

/** One comparison; `actual` is null where the result has no such figure. */
export interface Comparison {
  readonly what: string;
  readonly expected: string;
  readonly actual: string | null;
}

/** The part of a result that figures are published for. */
type Figures = Pick<Result, keyof typeof publishedTotals | "scope3Categories" | "lines">;

/** All comparisons, those that hold included. Figures are decimal texts, so equal means equal in every digit. */
export function compareWithPublished(result: Figures): Comparison[] {
  return [
    ...totals(result),
    ...categories(result),
    ...publishedLines.flatMap((line) => compareLine(line, result.lines.nodes)),
  ];
}

function totals(result: Figures): Comparison[] {
  const keys = Object.keys(publishedTotals) as (keyof typeof publishedTotals)[];
  return keys.map((key) => ({ what: key, expected: publishedTotals[key], actual: result[key] }));
}

function categories(result: Figures): Comparison[] {
  return Object.entries(publishedCategories).map(([category, expected]) => {
    const found = result.scope3Categories.find((one) => one.category === Number(category));
    return { what: `scope 3 category ${category}`, expected, actual: found?.kgCo2e ?? null };
  });
}

function compareLine(published: PublishedLine, lines: Result["lines"]["nodes"]): Comparison[] {
  const { activity, quantity, stage, basis = null } = published;
  const found = lines.find(
    (line) =>
      line.activity === activity && line.quantity === quantity && line.stage === stage && line.scope2Basis === basis,
  );
  const kg = stage === "BIOGENIC" ? found?.biogenicKgCo2 : found?.kgCo2e;
  return [
    { what: `${published.what}: factor`, expected: published.factor, actual: found?.kgPerUnit ?? null },
    { what: published.what, expected: published.kg, actual: kg ?? null },
  ];
}
