/** Nothing here touches a database, so the shared database server is left out. */
import shared from "../../vitest.shared.ts";

export default { ...shared, test: { ...shared.test, globalSetup: [] } };
