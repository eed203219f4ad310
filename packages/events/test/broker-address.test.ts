import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAddress } from "../src/kafka/address.js";

const refused = (problem: string) =>
  expect.objectContaining({
    code: "BUS_UNAVAILABLE",
    details: { setting: "KAFKA_BROKERS", problem: expect.stringContaining(problem) },
  });

describe("KAFKA_BROKERS", () => {
  test("is a list of brokers", () => {
    expect(parseAddress("a:9092, b.example:9093,[::1]:9092")).toEqual({
      bootstrapBrokers: ["a:9092", "b.example:9093", "[::1]:9092"],
    });
  });

  test("may name who asks and how; without a word it is SCRAM-SHA-512", () => {
    const { sasl } = parseAddress("kafka://tess%40era:p%3Aw@a:9092,b:9092");
    expect(sasl).toEqual({ mechanism: "SCRAM-SHA-512", username: "tess@era", password: "p:w" });
    expect(parseAddress("kafka://u:p@a:9092?mechanism=PLAIN").sasl).toMatchObject({ mechanism: "PLAIN" });
    expect(() => parseAddress("kafka://u:secret@a:9092?mechanism=MAGIC")).toThrow(refused("PLAIN, SCRAM-SHA-256"));
  });

  test("speaks TLS when it says kafkas, and trusts the authority it names", () => {
    expect(parseAddress("kafkas://a:9093")).toMatchObject({ tls: {}, tlsServerName: true });
    expect(parseAddress("kafka://a:9092")).not.toHaveProperty("tls");
    const file = join(tmpdir(), `tessera-ca-${process.pid}.pem`);
    writeFileSync(file, "certificate");
    expect(parseAddress(`kafkas://a:9093?ca=${file}`).tls).toEqual({ ca: Buffer.from("certificate") });
    rmSync(file);
    expect(() => parseAddress("kafkas://a:9093?ca=/nowhere.pem")).toThrow(refused("/nowhere.pem"));
  });

  test("that is anything else is refused, without repeating a password", () => {
    for (const text of ["", "http://a:9092", "a b:9092", "kafka://u:secret@:9092", "a:port"]) {
      expect(() => parseAddress(text)).toThrow(refused("host:9092"));
      expect(() => parseAddress(text)).not.toThrow("secret");
    }
  });
});
