import { describe } from "vitest";
import { busRules } from "./harness/bus-rules.js";

describe("the seam over PostgreSQL", { timeout: 60_000 }, () => busRules(() => ({})));
