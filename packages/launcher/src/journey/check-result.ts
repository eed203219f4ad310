/** Compares a result with the published figures, digit by digit. */
import type { Data } from "./graph-client.js";
import { type PublishedLine, publishedCategories, publishedLines, publishedTotals } from "./published.js";

/** One comparison; `actual` is null where the result has no such figure. */
export interface Comparison {
  readonly what: string;
  readonly expected: string;
  readonly actual: string | null;
}

/** All comparisons, those that hold included. Figures are decimal texts, so equal means equal in every digit. */
export function compareWithPublished(result: Data): Comparison[] {
  return [
    ...totals(result),
    ...categories(result),
    ...publishedLines.flatMap((line) => compareLine(line, result.lines.nodes)),
  ];
}

function totals(result: Data): Comparison[] {
  return Object.entries(publishedTotals).map(([key, expected]) => ({
    what: key,
    expected,
    actual: result[key] ?? null,
  }));
}

function categories(result: Data): Comparison[] {
  return Object.entries(publishedCategories).map(([category, expected]) => {
    const found = result.scope3Categories.find((one: Data) => one.category === Number(category));
    return { what: `scope 3 category ${category}`, expected, actual: found?.kgCo2e ?? null };
  });
}

function compareLine(published: PublishedLine, lines: readonly Data[]): Comparison[] {
  const { activity, quantity, stage, basis = null } = published;
  const found = lines.find(
    (line) =>
      line.activity === activity &&
      line.quantity === quantity &&
      line.stage === stage &&
      (line.scope2Basis ?? null) === basis,
  );
  const kg = stage === "BIOGENIC" ? found?.biogenicKgCo2 : found?.kgCo2e;
  return [
    { what: `${published.what}: factor`, expected: published.factor, actual: found?.kgPerUnit ?? null },
    { what: published.what, expected: published.kg, actual: kg ?? null },
  ];
}
