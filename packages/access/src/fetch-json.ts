import { AccessError } from "./errors.js";

/** Largest discovery document or key set that is read, in bytes. */
const largest = 256 * 1024;

/** GETs a JSON document within five seconds. Failures are `KEYS_UNAVAILABLE`. */
export async function fetchJson(address: URL): Promise<unknown> {
  try {
    const response = await fetch(address, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const body = await response.text();
    if (body.length > largest) throw new Error("the document is too large");
    return JSON.parse(body) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AccessError(
      "KEYS_UNAVAILABLE",
      `The signing keys at ${address.origin} cannot be read. Try again later.`,
      {
        address: address.href,
        reason,
      },
    );
  }
}
