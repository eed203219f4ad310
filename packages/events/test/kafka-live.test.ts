import { describe } from "vitest";
import { liveRules } from "./harness/live-rules.js";

describe("live over Kafka", { timeout: 60_000 }, () => liveRules(() => ({ kafkaBrokers: process.env.KAFKA_BROKERS })));
