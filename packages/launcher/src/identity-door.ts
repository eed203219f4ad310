/** What the launcher needs of the identity module, asked for like any client does: through its GraphQL fields. */
import { randomUUID } from "node:crypto";
import type { SubgraphConnection } from "@tessera/shared-types";
import { LaunchProblem } from "./problem.js";

export type JsonWebKeySet = { keys: { kty: string }[] };
const answerMs = 10_000;

async function ask<Data>(
  identity: SubgraphConnection,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data> {
  const facts = {
    requestId: randomUUID(),
    actor: null,
    deadline: Date.now() + answerMs,
    signal: AbortSignal.timeout(answerMs),
  };
  const { data, errors } = await identity.execute({ query, variables, facts });
  if (errors?.[0]) throw errors[0];
  return data as Data;
}

export interface IdentityDoor {
  /** The public keys of our own access tokens. */
  keys(): Promise<JsonWebKeySet>;
  /** An access token for an API key; rejects when the key is unknown, expired or revoked. */
  exchangeApiKey(key: string): Promise<string>;
}

/** `connections` is read when somebody asks, so the door may be made before they are. */
export function identityDoor(connections: () => readonly SubgraphConnection[]): IdentityDoor {
  const identity = (): SubgraphConnection => {
    const found = connections().find(({ name }) => name === "identity");
    if (!found) throw new LaunchProblem("supergraph.yaml names no subgraph identity: run npm run supergraph.");
    return found;
  };
  return {
    keys: async () => (await ask<{ jsonWebKeySet: JsonWebKeySet }>(identity(), "{ jsonWebKeySet }")).jsonWebKeySet,
    exchangeApiKey: async (key) => {
      const exchange = "mutation ($key: String!) { exchangeApiKey(key: $key) { token } }";
      return (await ask<{ exchangeApiKey: { token: string } }>(identity(), exchange, { key })).exchangeApiKey.token;
    },
  };
}
