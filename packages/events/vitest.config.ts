/** The rules over Kafka run where there is one (`KAFKA_BROKERS`); those that restart it only where that is allowed. */
import { mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

const { KAFKA_BROKERS: brokers, TESSERA_KAFKA_CONTROL: control } = process.env;
const left = brokers ? (control ? [] : ["test/kafka-recovery.test.ts"]) : ["test/kafka*.test.ts"];

export default mergeConfig(shared, { test: { exclude: ["**/node_modules/**", ...left] } });
