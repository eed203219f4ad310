/** Cache policies of subgraphs put together into the one of the answer: https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2 */
import type { CachePolicy } from "../request/request-context.js";

export const notCached: CachePolicy = { maxAgeSeconds: 0, scope: "private" };

/** What a `cache-control` header lets a shared cache do; `null` when it says nothing about it. */
export function readCacheControl(header: string | undefined): CachePolicy | null {
  if (header === undefined) return null;
  const directives = new Map(
    header.split(",").map((part) => {
      const [name = "", value = ""] = part.trim().toLowerCase().split("=");
      return [name, value.replaceAll('"', "")] as const;
    }),
  );
  if (directives.has("no-store") || directives.has("no-cache")) return notCached;
  const seconds = Number(directives.get("s-maxage") ?? directives.get("max-age"));
  if (!Number.isInteger(seconds) || seconds < 0) return null;
  return { maxAgeSeconds: seconds, scope: directives.has("private") ? "private" : "public" };
}

/** The policy both allow. Nothing said means not cached, as for a field without a hint. */
export function stricter(one: CachePolicy | null, other: CachePolicy | null): CachePolicy {
  if (!one || !other) return notCached;
  return {
    maxAgeSeconds: Math.min(one.maxAgeSeconds, other.maxAgeSeconds),
    scope: one.scope === "private" || other.scope === "private" ? "private" : "public",
  };
}

export function writeCacheControl({ maxAgeSeconds, scope }: CachePolicy): string {
  return maxAgeSeconds > 0 ? `max-age=${maxAgeSeconds}, ${scope}` : "no-store";
}
