/** What needs a Kafka runs where there is one (`KAFKA_BROKERS`). */
import { mergeConfig } from "vitest/config";
import shared from "../vitest.shared.ts";

const left = process.env.KAFKA_BROKERS ? [] : ["test/kafka.test.ts"];

export default mergeConfig(shared, { test: { exclude: ["**/node_modules/**", ...left] } });
