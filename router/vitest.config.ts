/** The router has no database: its tests bring subgraphs of their own, so the shared database server is left out. */
import shared from "../vitest.shared.ts";

export default { ...shared, test: { ...shared.test, globalSetup: [] } };
