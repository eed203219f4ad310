import { esgEvents } from "@tessera/shared-types";
import { defineSubgraph } from "@tessera/subgraph";
import { entities } from "./entities.js";
import { onDocumentProcessed } from "./reactions/on-document-processed.js";
import { onImportRequested } from "./reactions/on-import-requested.js";
import { onSupplierEmissionsReported } from "./reactions/on-supplier-emissions-reported.js";
import { resolvers } from "./resolvers.js";
import * as tables from "./tables.js";

const { emissionsCalculated, activityImportRequested, activityImportProgressed } = esgEvents;

export default defineSubgraph({
  name: "ghg-calculator",
  suite: "esg",
  root: new URL("..", import.meta.url),
  resolvers,
  entities,
  tables,
  publishes: [emissionsCalculated, activityImportRequested, activityImportProgressed],
  reactions: [onImportRequested, onDocumentProcessed, onSupplierEmissionsReported],
  reference: () => import("./reference/load-packs.js"),
  demo: () => import("./demo.js"),
});
