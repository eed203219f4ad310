import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

// This package is what the shared set-up is made of, so it starts the test server itself.
export default mergeConfig(
  { ...shared, test: { ...shared.test, globalSetup: undefined } },
  { test: { globalSetup: fileURLToPath(new URL("test/global-setup.ts", import.meta.url)) } },
);
