/**
 * Signatures of requests, so that a subgraph can tell that a request comes from the router, is whole, and is not a
 * recording of an old one:
 *
 *     x-tessera-signature: t=1767225600,v1=<hex of HMAC-SHA256(secret, "1767225600." + body)>
 *
 * `t` is in seconds since 1970. A subgraph computes the same over the bytes of the body it received, compares in
 * constant time, and refuses a `t` that is minutes away from its own clock; `verifySignature` does just that.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Layer, Outgoing } from "../wire/outgoing.js";
import type { HmacOptions } from "./subgraph-traffic.js";

/** Name and value of the header, to be added to the others. */
export type Sign = (body: Outgoing["body"]) => readonly [string, string];

const defaultHeader = "x-tessera-signature";

export function createSign({ secret, header = defaultHeader }: HmacOptions, now: () => number = Date.now): Sign {
  const name = header.toLowerCase();
  return (body) => {
    const seconds = Math.floor(now() / 1_000);
    const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body;
    return [name, `t=${seconds},v1=${digest(secret, seconds, bytes).toString("hex")}`];
  };
}

/** Below retries, so that each attempt carries the time it is sent at. */
export function createSigning(sign: Sign): Layer {
  return (next) => (outgoing) => next({ ...outgoing, headers: [...outgoing.headers, ...sign(outgoing.body)] });
}

export interface SignatureCheck {
  readonly secret: string;
  /** Value of the header. */
  readonly signature: string | undefined;
  /** The bytes as they were received. */
  readonly body: Buffer;
  /** How far the router's clock may be away, and how long a request may be under way. Default 300. */
  readonly toleranceSeconds?: number;
  readonly now?: () => number;
}

/** For subgraphs: whether the router sent this body, and not long ago. */
export function verifySignature(check: SignatureCheck): boolean {
  const { secret, signature, body, toleranceSeconds = 300, now = Date.now } = check;
  const [, time, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? "") ?? [];
  if (time === undefined || hex === undefined) return false;
  if (Math.abs(now() / 1_000 - Number(time)) > toleranceSeconds) return false;
  return timingSafeEqual(digest(secret, Number(time), body), Buffer.from(hex, "hex"));
}

function digest(secret: string, seconds: number, body: Buffer): Buffer {
  return createHmac("sha256", secret).update(`${seconds}.`).update(body).digest();
}
