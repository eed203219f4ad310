/** Who sends a request: an access token, an API key, or nobody. */
import type { Actor } from "@tessera/shared-types";
import { RouterError } from "../errors/router-error.js";
import type { ClientHeaders } from "../request/request-context.js";
import { createFindApiKey } from "./api-keys.js";
import { type AuthenticationOptions, createJwtVerifier, eitherVerifier, type TokenVerifier } from "./authentication.js";
import { rememberExchanges } from "./exchange-api-key.js";
import { refusalOf } from "./refusal.js";
import { createFindToken, defaultTokenSources } from "./token-sources.js";

export { IdentityRefused } from "./refusal.js";

export interface Identity {
  readonly actor: Actor | null;
  readonly token?: string;
}

/** At once whenever nobody has to be asked. Throws or rejects with an `IdentityRefused`. */
export type IdentifyHeaders = (headers: ClientHeaders) => Identity | Promise<Identity>;

export interface IdentityOptions {
  readonly authentication?: AuthenticationOptions;
  /** Takes the tokens of issuers that `authentication.jwt` does not name. */
  readonly verifier?: TokenVerifier;
  /** Takes the keys that `authentication.apiKeys` does not name: the access token behind a key. */
  readonly exchangeApiKey?: (apiKey: string) => Promise<string>;
}

const anonymous: Identity = { actor: null };

/**
 * A token beats an API key. Who presents something that does not hold is refused, never treated as anonymous, with one
 * exception: a token in a cookie that has expired, because browsers send it unasked and could never log in again.
 */
export function createIdentifyHeaders(options: IdentityOptions): IdentifyHeaders {
  const { authentication = {} } = options;
  const find = createFindToken(authentication.jwt?.sources ?? defaultTokenSources);
  const verifier = verifierOf(options);
  const keyHeader = (authentication.apiKeyHeader ?? "x-api-key").toLowerCase();
  const identifyKey = createIdentifyKey(options, verifier);

  function nobody(): Identity {
    if (authentication.required) throw new RouterError("AUTHENTICATION_REQUIRED");
    return anonymous;
  }

  function identify(headers: ClientHeaders): Identity | Promise<Identity> {
    const found = find(headers);
    if (found) {
      const identity = identityOf(found.token, verifier);
      return found.fromCookie && identity instanceof Promise ? identity.catch(expiredAs(nobody)) : identity;
    }
    const apiKey = headers[keyHeader];
    return apiKey === undefined ? nobody() : identifyKey(typeof apiKey === "string" ? apiKey : apiKey.join());
  }

  return (headers) => {
    try {
      const identity = identify(headers);
      return identity instanceof Promise ? identity.catch(rethrow) : identity;
    } catch (error) {
      throw refusalOf(error);
    }
  };
}

function rethrow(error: unknown): never {
  throw refusalOf(error);
}

function expiredAs(nobody: () => Identity): (error: unknown) => Identity {
  return (error) => {
    if ((error as { code?: unknown }).code === "TOKEN_EXPIRED") return nobody();
    throw error;
  };
}

function verifierOf({ authentication, verifier }: IdentityOptions): TokenVerifier | undefined {
  const own = authentication?.jwt && createJwtVerifier(authentication.jwt);
  return own && verifier ? eitherVerifier(own, verifier) : (own ?? verifier);
}

function identityOf(token: string, verifier: TokenVerifier | undefined): Identity | Promise<Identity> {
  if (!verifier) throw new RouterError("TOKENS_NOT_ACCEPTED");
  const known = verifier.known?.(token);
  return known ? { actor: known, token } : verifier.verify(token).then((actor) => ({ actor, token }));
}

function createIdentifyKey(options: IdentityOptions, verifier: TokenVerifier | undefined) {
  const { authentication, exchangeApiKey } = options;
  const find = createFindApiKey(authentication?.apiKeys ?? []);
  const exchanges = exchangeApiKey && rememberExchanges(exchangeApiKey);
  const takesKeys = exchanges !== undefined || authentication?.apiKeys !== undefined;

  return (apiKey: string): Identity | Promise<Identity> => {
    if (!takesKeys) throw new RouterError("API_KEYS_NOT_ACCEPTED");
    const actor = find(apiKey);
    if (actor) return { actor };
    if (!exchanges) throw new RouterError("API_KEY_INVALID");
    const token = exchanges.known(apiKey);
    if (token !== undefined) return identityOf(token, verifier);
    return exchanges.exchange(apiKey).then((exchanged) => identityOf(exchanged, verifier));
  };
}
