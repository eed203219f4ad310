import { describe } from "vitest";
import { reactionRules } from "./harness/reaction-rules.js";

describe("reactions over Kafka", { timeout: 60_000 }, () =>
  reactionRules(() => ({ kafkaBrokers: process.env.KAFKA_BROKERS })),
);
