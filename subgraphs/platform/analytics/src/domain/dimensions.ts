import type { Dimensions } from "../tables.js";

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

const mostDimensions = 16;
const longest = 200;

/** What is wrong with a list of dimensions, or null. */
export function checkDimensions(dimensions: readonly NamedValue[]): string | null {
  if (dimensions.length > mostDimensions) return `${mostDimensions} dimensions at most`;
  if (new Set(dimensions.map(({ name }) => name)).size < dimensions.length) return "a dimension is named twice";
  const odd = dimensions.find(({ name, value }) => name === "" || name.length > longest || value.length > longest);
  if (odd) return `names and values of dimensions have 1 to ${longest} characters`;
  // PostgreSQL cannot keep this character in a text.
  return dimensions.some(({ name, value }) => `${name}${value}`.includes("\u0000"))
    ? "a dimension holds a NUL character"
    : null;
}

export function record(dimensions: readonly NamedValue[]): Dimensions {
  return Object.fromEntries(dimensions.map(({ name, value }) => [name, value]));
}

export function listed(dimensions: Dimensions): NamedValue[] {
  return Object.entries(dimensions).map(([name, value]) => ({ name, value }));
}
