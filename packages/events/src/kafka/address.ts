/**
 * What `KAFKA_BROKERS` may say: `host:9092,host:9092`, or an address with credentials,
 * `kafka://user:password@host:9092,host:9092?mechanism=SCRAM-SHA-512`; `kafkas://` speaks TLS, `ca=<file>` names the
 * authority that signed the brokers' certificates. User and password are percent-encoded.
 */
import { readFileSync } from "node:fs";
import type { BaseOptions } from "@platformatic/kafka";
import { EventsError } from "../errors.js";

export type Address = Pick<BaseOptions, "bootstrapBrokers" | "sasl" | "tls" | "tlsServerName">;

const mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
type Mechanism = (typeof mechanisms)[number];

const shape = /^(?:(kafkas?):\/\/)?(?:([^:@/]*):([^@/]*)@)?([^/?@]+)\/?(?:\?(.*))?$/;
const broker = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::\d{1,5})?$/i;

/** `BUS_UNAVAILABLE` naming what is wrong with the address; it never repeats a password. */
export function parseAddress(text: string): Address {
  const [, scheme, user, password, hosts = "", query = ""] = shape.exec(text.trim()) ?? [];
  const bootstrapBrokers = hosts.split(",").map((host) => host.trim());
  if (!bootstrapBrokers.every((host) => broker.test(host))) refuse("it does not look like host:9092,host:9092");
  const parameters = new URLSearchParams(query);
  const mechanism = parameters.get("mechanism") ?? "SCRAM-SHA-512";
  if (!isMechanism(mechanism)) refuse(`its mechanism is none of ${mechanisms.join(", ")}`);
  const ca = parameters.get("ca");
  return {
    bootstrapBrokers,
    ...(user !== undefined && {
      sasl: { mechanism, username: decodeURIComponent(user), password: decodeURIComponent(password ?? "") },
    }),
    ...(scheme === "kafkas" && { tls: ca === null ? {} : { ca: readAuthority(ca) }, tlsServerName: true }),
  };
}

const isMechanism = (text: string): text is Mechanism => (mechanisms as readonly string[]).includes(text);

function readAuthority(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return refuse(`its ca "${file}" cannot be read`);
  }
}

function refuse(problem: string): never {
  throw new EventsError("BUS_UNAVAILABLE", { problem, setting: "KAFKA_BROKERS" });
}
