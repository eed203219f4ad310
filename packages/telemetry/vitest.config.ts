/** Nothing here touches a database, so the shared database server is left out. */
import { mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

export default { ...mergeConfig(shared, {}), test: { ...shared.test, globalSetup: [] } };
