import { describe } from "vitest";
import { processRules } from "./harness/process-rules.js";

describe("processes over the Kafka bus", { timeout: 120_000 }, () =>
  processRules(() => ({ kafkaBrokers: process.env.KAFKA_BROKERS })),
);
