import { describe } from "vitest";
import { processRules } from "./harness/process-rules.js";

describe("processes over the PostgreSQL bus", { timeout: 90_000 }, () => processRules(() => ({})));
