import shared from "../../vitest.shared.ts";

/** Nothing here talks to a database, so none is started. */
export default { ...shared, test: { ...shared.test, globalSetup: [] } };
