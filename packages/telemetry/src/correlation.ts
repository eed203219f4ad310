/** A request id names one client request in the answer, in the logs and at every hop. */
import { randomFillSync } from "node:crypto";

const sane = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/**
 * The id of a request: what the caller sent as `x-request-id` if it is 8–128 characters of `A-Z a-z 0-9 . _ : -`
 * (nothing that could forge a log line or a header), else a new UUIDv7.
 */
export function requestIdFrom(header?: string | readonly string[] | null): string {
  return typeof header === "string" && sane.test(header) ? header : uuidv7();
}

/** Random bytes for many ids at once: asking for them costs the same for one and for hundreds. */
const pool = Buffer.allocUnsafe(16 * 256);
let used = pool.length;

/** RFC 9562 §5.7: 48 bits of Unix milliseconds, version, variant, and 74 random bits. */
function uuidv7(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + 16);
  used += 16;
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes.readUInt8(6) & 0x0f);
  bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
