import { describe } from "vitest";
import { deliveryRules } from "./harness/delivery-rules.js";

describe("the Kafka bus", { timeout: 60_000 }, () =>
  deliveryRules(() => ({ kafkaBrokers: process.env.KAFKA_BROKERS })),
);
