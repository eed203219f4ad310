/** The demo world, started for one test file, and people who log in to it. */
import { createVerifier, tesseraIssuer } from "@tessera/access";
import { demoPassword, organizations, people } from "@tessera/demo-world";
import type { Actor } from "@tessera/shared-types";
import { type Client, startSubgraph, type TestSubgraph } from "@tessera/testkit";
import type { JSONWebKeySet } from "jose";
import identity from "../src/index.js";

export { demoPassword, organizations, people };
export const { thistlemoor, pinehollow } = organizations;

type Someone = keyof typeof people;
export interface LoggedIn {
  /** Acts with the access token. */
  readonly client: Client;
  /** Holds the refresh cookie. */
  readonly browser: Client;
  readonly token: string;
  readonly actor: Actor;
}

export interface World extends TestSubgraph {
  /** Logs in with the demo password, in the organization the person joined first unless another is named. */
  logIn(person: Someone, organizationId?: string): Promise<LoggedIn>;
  /** The actor behind a token, verified against the published keys like the router does. */
  verify(token: string): Promise<Actor>;
  /** A client that acts with this token. */
  withToken(token: string): Promise<Client>;
  anybody(): Client;
}

export const loginOperation = `mutation ($email: String!, $password: String!, $organizationId: ID) {
  login(email: $email, password: $password, organizationId: $organizationId) {
    accessToken expiresAt userId scopes organizations { id name current }
  }
}`;

export async function startWorld(): Promise<World> {
  const subgraph = await startSubgraph(identity);
  await (await import("../src/demo.js")).default(subgraph.stage);
  const anybody = () => subgraph.as(null);
  const verify = (token: string) => verifierOf(subgraph).verify(token);
  const withToken = async (token: string) => subgraph.as(personOf(await verify(token)));
  const logIn = async (key: Someone, organizationId?: string): Promise<LoggedIn> => {
    const browser = anybody();
    const variables = { email: people[key].email, password: demoPassword, organizationId: organizationId ?? null };
    const token = (await browser.data(loginOperation, variables)).login.accessToken;
    const actor = await verify(token);
    return { client: subgraph.as(personOf(actor)), browser, token, actor };
  };
  return { ...subgraph, logIn, verify, withToken, anybody };
}

function verifierOf(subgraph: TestSubgraph) {
  const keys = async () => (await subgraph.as(null).data("{ jsonWebKeySet }")).jsonWebKeySet as JSONWebKeySet;
  return createVerifier({ issuers: [tesseraIssuer({ keys })], now: () => subgraph.clock.now().getTime() });
}

function personOf({ scopes, sessionId, ...actor }: Actor) {
  return { ...actor, scopes: [...scopes], ...(sessionId === undefined ? {} : { sessionId }) };
}
