/** What the calculator keeps. Quantities and emissions are numerics, read and written as decimal strings. */
export * from "./tables/calculations.js";
export * from "./tables/factors.js";
export * from "./tables/imports.js";
export * from "./tables/results.js";
export * from "./tables/targets.js";
