/** Two small modules for the tests of this package. */
import type { ModuleTables } from "../../src/index.js";
import * as birdTables from "./birds/tables.js";
import * as treeTables from "./trees/tables.js";

export const trees: ModuleTables = {
  name: "trees",
  migrations: new URL("trees/migrations/", import.meta.url),
  tables: treeTables,
};
export const birds: ModuleTables = {
  name: "birds",
  migrations: new URL("birds/migrations/", import.meta.url),
  tables: birdTables,
};
