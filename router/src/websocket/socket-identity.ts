/** Who is behind a WebSocket: said once in `connection_init`, and good until the token runs out. */
import type { WebSocket } from "ws";
import { type Identify, type Identity, IdentityRefused } from "../identity/identify.js";

/** Close codes of the graphql-transport-ws protocol. A client connects again with a fresh token after 4403, never after 4401. */
const unauthorized = 4401;
const forbidden = 4403;
const tryAgainLater = 1013;

/** Node.js timers hold at most so many milliseconds. */
const longestTimer = 2 ** 31 - 1;

export function identifySocket(
  identify: Identify,
  connectionParams: Readonly<Record<string, unknown>> | undefined,
): Promise<Identity> {
  const params = new Map(Object.entries(connectionParams ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const text = (name: string) => {
    const value = params.get(name);
    return typeof value === "string" ? value : undefined;
  };
  return identify({ authorization: text("authorization"), apiKey: text("x-api-key") });
}

export function refuseSocket(socket: WebSocket, error: unknown): void {
  const { code, status } = error instanceof IdentityRefused ? error : { code: "INTERNAL_SERVER_ERROR", status: 500 };
  if (status !== 401) socket.close(tryAgainLater, code);
  else socket.close(code === "TOKEN_EXPIRED" ? forbidden : unauthorized, code);
}

/** Closes the socket when the token expires. The returned function stops the clock. */
export function closeOnExpiry(socket: WebSocket, expiresAt: number | undefined): () => void {
  if (expiresAt === undefined) return () => {};
  const expire = () => socket.close(forbidden, "TOKEN_EXPIRED");
  const timer = setTimeout(expire, Math.min(Math.max(expiresAt - Date.now(), 0), longestTimer));
  return () => clearTimeout(timer);
}
