/** What stands in `kernel.seen` for one delivery. */
import { createHash } from "node:crypto";
import type { EventEnvelope } from "@tessera/shared-types";

/** The event's id; for a repeated one an id of its own (UUIDv5, RFC 9562), so that each replay runs once. */
export function markOf({ id, replay }: EventEnvelope): string {
  if (!replay) return id;
  const namespace = Buffer.from(replay.id.replaceAll("-", ""), "hex");
  const hash = createHash("sha1").update(namespace).update(id).digest("hex");
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 3) | 8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
