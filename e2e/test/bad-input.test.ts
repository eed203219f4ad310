import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { organizations, people } from "@tessera/demo-world";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type Graph, startGraph } from "../src/index.js";

describe.each(["single", "distributed"] as const)("bad input, topology %s", (topology) => {
  let graph: Graph;
  let token: string;
  beforeAll(async () => {
    graph = await startGraph(topology);
    token = await graph.login(people.priya.email);
  }, 120_000);
  afterAll(() => graph?.close());

  const code = ({ errors }: Answer) => errors?.[0]?.extensions.code;
  const me = "{ me { id } }";

  describe("tokens", () => {
    test("a good one is accepted", async () => {
      expect((await graph.ask(me, {}, token)).data).toEqual({ me: { id: people.priya.id } });
    });

    test("one with another payload under the same signature is refused", async () => {
      const [header, , signature] = token.split(".");
      const payload = { ...claimsOf(token), tenant: organizations.pinehollow.id };
      const answer = await graph.ask(me, {}, `${header}.${encode(payload)}.${signature}`);
      expect([answer.status, code(answer)]).toEqual([401, "TOKEN_INVALID"]);
    });

    test("one without a signature (alg none) is refused", async () => {
      const forged = `${encode({ alg: "none", typ: "at+jwt" })}.${encode(claimsOf(token))}.`;
      expect(code(await graph.ask(me, {}, forged))).toBe("TOKEN_INVALID");
    });

    test("one signed by HMAC with the public key as the secret (algorithm confusion) is refused", async () => {
      const key = await publicKey(graph);
      const header = encode({ alg: "HS256", typ: "at+jwt", kid: key.kid });
      const text = `${header}.${encode(claimsOf(token))}`;
      const signature = createHmac("sha256", JSON.stringify(key)).update(text).digest("base64url");
      expect(code(await graph.ask(me, {}, `${text}.${signature}`))).toBe("TOKEN_INVALID");
    });

    test("one signed by a key that is not ours, under the name of one that is, is refused", async () => {
      const key = await publicKey(graph);
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const text = `${encode({ alg: "RS256", typ: "at+jwt", kid: key.kid })}.${encode(claimsOf(token))}`;
      const signature = sign("sha256", Buffer.from(text), privateKey).toString("base64url");
      expect(code(await graph.ask(me, {}, `${text}.${signature}`))).toBe("TOKEN_INVALID");
    });

    test("nonsense is refused, and so is an API key that nobody made", async () => {
      expect(code(await graph.ask(me, {}, "nonsense"))).toBe("TOKEN_INVALID");
      const response = await fetch(graph.url, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "tsk_nobody_made_this_key" },
        body: JSON.stringify({ query: me }),
      });
      const answer = (await response.json()) as Answer;
      expect(answer.errors?.length).toBeGreaterThan(0);
      expect(answer.data?.me ?? null).toBeNull();
    });
  });

  describe("requests", () => {
    test("a body that is too large is refused with its code", async () => {
      const answer = await graph.ask(me, { padding: "x".repeat(13 * 1024 * 1024) }, token);
      expect([answer.status, code(answer)]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    });

    test("a query that is too deep is refused, one within the limit is answered", async () => {
      const nest = (depth: number): string =>
        depth === 0 ? "{ nodes { id } }" : `{ nodes { organization { dashboards ${nest(depth - 1)} } } }`;
      expect((await graph.ask(`{ dashboards ${nest(1)} }`, {}, token)).errors).toBeUndefined();
      expect(code(await graph.ask(`{ dashboards ${nest(10)} }`, {}, token))).toBe("DEPTH_EXCEEDED");
    });

    test("a field that does not exist, broken syntax and a wrong variable are each told apart", async () => {
      expect(code(await graph.ask("{ nothingLikeThis }", {}, token))).toBe("GRAPHQL_VALIDATION_FAILED");
      expect(code(await graph.ask("{ me { id }", {}, token))).toBe("GRAPHQL_PARSE_FAILED");
      const query = "query ($first: Int!) { users(first: $first) { nodes { id } } }";
      expect(code(await graph.ask(query, { first: "many" }, token))).toBe("BAD_USER_INPUT");
    });

    test("an id that is no id is answered like one that names nothing", async () => {
      const query = "query ($id: ID!) { dashboard(id: $id) { id } }";
      expect(await graph.ask(query, { id: "'; drop table x; --" }, token)).toMatchObject({ data: { dashboard: null } });
    });
  });

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString()) as object;
});

async function publicKey(graph: Graph): Promise<{ kid: string }> {
  const response = await fetch(new URL("/.well-known/jwks.json", graph.url));
  const [key] = ((await response.json()) as { keys: { kid: string }[] }).keys;
  if (!key) throw new Error("The graph publishes no key.");
  return key;
}
