import { createSigner, createVerifier, generateSigningKey, tesseraIssuer } from "@tessera/access";
import { newId } from "@tessera/database";
import type { Actor } from "@tessera/shared-types";
import { startSubgraph, type TestSubgraph } from "@tessera/testkit";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type ServedSubgraph, serveSubgraph } from "../src/index.js";
import library from "./library/library.js";

const actor: Actor = {
  kind: "user",
  id: newId(),
  tenantId: newId(),
  scopes: new Set(["library:read", "library:write"]),
  roles: [],
  attributes: {},
};
const add = 'mutation { addBook(title: "Over a socket") { id title } }';

let test_: TestSubgraph;
let served: ServedSubgraph;
let token: string;

beforeAll(async () => {
  const key = await generateSigningKey();
  const keys = async () => ({ keys: [key.publicJwk] });
  const verifier = createVerifier({ issuers: [tesseraIssuer({ keys })] });
  token = (await createSigner({ key }).sign(actor)).token;
  test_ = await startSubgraph(library);
  served = await serveSubgraph(library, { ...test_.runtime, verifier }, { port: 0 });
});
afterAll(async () => {
  await served.close();
  await test_.close();
});

async function post(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(served.url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    answer: (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] },
  };
}

describe("over HTTP", () => {
  test("a request with a good token is answered as its actor", async () => {
    const { answer } = await post({ query: "{ whoAmI }" }, { authorization: `Bearer ${token}` });
    expect(answer).toEqual({ data: { whoAmI: actor.id } });
  });

  test("a request with a tampered token is refused, and nothing is executed", async () => {
    const { status, answer } = await post({ query: "{ motto }" }, { authorization: `Bearer ${token}x` });
    expect(status).toBe(401);
    expect(answer.errors?.[0]?.extensions.code).toBe("TOKEN_INVALID");
  });

  test("without a token only public fields answer", async () => {
    expect((await post({ query: "{ motto }" })).answer).toEqual({ data: { motto: "read on" } });
    expect((await post({ query: "{ whoAmI }" })).answer.errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });

  test("the request id of the caller comes back in errors", async () => {
    const { answer } = await post({ query: "{ whoAmI }" }, { "x-request-id": "request-7" });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ requestId: "request-7", module: "access" });
  });

  test("a body that is no JSON gets a coded error", async () => {
    expect((await post("{not json")).answer.errors?.[0]?.extensions.code).toBe("BAD_REQUEST");
  });

  test("health says how the process is", async () => {
    const response = await fetch(new URL("/health", served.url));
    expect(response.status).toBe(200);
  });
});

describe("over a WebSocket", () => {
  const connect = () =>
    createClient({ url: served.url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
  const query = "subscription { bookAdded { title } }";

  test("each operation says for itself who asks, and gets its events", async () => {
    const client = connect();
    const extensions = { headers: { authorization: `Bearer ${token}` } };
    const results = client.iterate({ query, extensions });
    let heard = false;
    const first = results.next().finally(() => {
      heard = true;
    });
    // Nobody says when it listens, so something happens until it has heard of it.
    while (!heard) {
      await post({ query: add }, { authorization: `Bearer ${token}` });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect((await first).value).toMatchObject({ data: { bookAdded: { title: "Over a socket" } } });
    await client.dispose();
  });

  test("an operation without a token is refused by the field's rule", async () => {
    const client = connect();
    const refused = client.iterate({ query }).next();
    await expect(refused).rejects.toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    await client.dispose();
  });
});
