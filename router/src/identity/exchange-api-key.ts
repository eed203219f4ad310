/** API keys that somebody else turns into access tokens; what was turned once is remembered for a while. */
import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";

export interface ExchangeApiKey {
  /** The token of a key that was exchanged a short while ago, without a promise. */
  known(apiKey: string): string | undefined;
  exchange(apiKey: string): Promise<string>;
}

/** Seconds for which an exchanged API key counts without being asked for again, so also how long a revoked one lives on. */
const rememberedSeconds = 60;
const mostKeys = 10_000;

interface Exchanged {
  readonly pending: Promise<string>;
  readonly until: number;
  token?: string;
}

/** Keys are remembered by hash; one that is refused is not remembered. */
export function rememberExchanges(exchange: (apiKey: string) => Promise<string>): ExchangeApiKey {
  const remembered = new LRUCache<string, Exchanged>({ max: mostKeys });
  const fresh = (key: string): Exchanged | undefined => {
    const known = remembered.get(key);
    return known && known.until > Date.now() ? known : undefined;
  };

  function ask(key: string, apiKey: string): Promise<string> {
    const asked: Exchanged = { pending: exchange(apiKey), until: Date.now() + rememberedSeconds * 1000 };
    asked.pending.then(
      (token) => {
        asked.token = token;
      },
      () => remembered.delete(key),
    );
    remembered.set(key, asked);
    return asked.pending;
  }

  return {
    known: (apiKey) => fresh(keyOf(apiKey))?.token,
    exchange: (apiKey) => {
      const key = keyOf(apiKey);
      return fresh(key)?.pending ?? ask(key, apiKey);
    },
  };
}

function keyOf(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("base64");
}
