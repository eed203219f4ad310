/** Who sends a request: an access token, an API key, or nobody. */
import { createHash } from "node:crypto";
import type { Actor } from "@tessera/shared-types";
import { GraphQLError } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { RouterOptions } from "../options.js";

export interface Identity {
  readonly actor: Actor | null;
  readonly token?: string;
}

export interface Credentials {
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
}

/** A request refused because of who sends it. `status` is 401, or 503 when nobody can be verified right now. */
export class IdentityRefused extends GraphQLError {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, details: unknown = {}) {
    super(message, { extensions: { code, module: "access", details } });
    this.name = "IdentityRefused";
    this.code = code;
    this.status = /(?:UNAVAILABLE|BUSY|TIMEOUT)$/.test(code) ? 503 : 401;
  }
}

export type Identify = (credentials: Credentials) => Promise<Identity>;

/** Seconds for which an exchanged API key counts without being asked for again, so also how long a revoked one lives on. */
const apiKeySeconds = 60;
const mostApiKeys = 10_000;

/** A token beats an API key. Who presents something that does not hold is refused, never treated as anonymous. @throws IdentityRefused */
export function createIdentify({
  verifier,
  exchangeApiKey,
}: Pick<RouterOptions, "verifier" | "exchangeApiKey">): Identify {
  const tokens = new Map<string, { readonly token: Promise<string>; readonly until: number }>();

  async function verified(token: string): Promise<Identity> {
    return { actor: await refusing(() => verifier.verify(token)), token };
  }

  function exchanged(apiKey: string): Promise<string> {
    if (!exchangeApiKey) throw new RouterError("API_KEYS_NOT_ACCEPTED");
    const key = createHash("sha256").update(apiKey).digest("base64");
    const known = tokens.get(key);
    if (known && known.until > Date.now()) return known.token;
    const token = exchangeApiKey(apiKey);
    token.catch(() => tokens.delete(key));
    if (tokens.size >= mostApiKeys) tokens.clear();
    tokens.set(key, { token, until: Date.now() + apiKeySeconds * 1000 });
    return token;
  }

  return async ({ authorization, apiKey }) => {
    if (authorization !== undefined && !isBlank(authorization)) return verified(bearer(authorization));
    if (apiKey === undefined) return { actor: null };
    const token = await refusing(async () => exchanged(apiKey));
    return verified(token);
  };
}

/** What an explorer sends before anybody has put a token in. */
const isBlank = (authorization: string): boolean => /^(Bearer)? *$/i.test(authorization);

function bearer(authorization: string): string {
  const token = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw refusalOf(new RouterError("TOKEN_INVALID"));
  return token;
}

/** Coded errors say themselves what is wrong; any other one is a fault of ours, and still nobody gets in. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/** A code stands on the error itself (`AccessError`) or in its extensions (an answer of the identity module). */
function refusalOf(error: unknown): IdentityRefused | null {
  if (!(error instanceof Error)) return null;
  const { code, details, extensions = {} } = error as Partial<Coded> & { readonly extensions?: Partial<Coded> };
  const known = code ?? extensions.code;
  if (typeof known !== "string" || !/^[A-Z][A-Z_]+$/.test(known) || known === "INTERNAL_SERVER_ERROR") return null;
  return new IdentityRefused(known, error.message, details ?? extensions.details);
}

interface Coded {
  readonly code: string;
  readonly details: unknown;
}
