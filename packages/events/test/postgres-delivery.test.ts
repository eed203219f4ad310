import { describe } from "vitest";
import { deliveryRules } from "./harness/delivery-rules.js";

describe("the PostgreSQL bus", () => deliveryRules(() => ({})));
