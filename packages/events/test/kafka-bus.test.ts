import { describe } from "vitest";
import { busRules } from "./harness/bus-rules.js";

describe("the seam over Kafka", { timeout: 60_000 }, () =>
  busRules(() => ({ kafkaBrokers: process.env.KAFKA_BROKERS })),
);
