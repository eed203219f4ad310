import { defineConfig } from "vitest/config";

/** Constants only: no database server to wait for. */
export default defineConfig({ resolve: { conditions: ["source"] }, ssr: { resolve: { conditions: ["source"] } } });
