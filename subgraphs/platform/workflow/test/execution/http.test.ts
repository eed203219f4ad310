import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { definition, startWorld, type World } from "./world.js";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let world: World;
let server: Server;
let origin: string;
let seen: Seen[];
/** Statuses of the next answers; 200 after them. */
let answers: number[];

beforeAll(async () => {
  world = await startWorld();
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    if (request.url === "/never") return;
    if (request.url === "/large") return void response.end("x".repeat(2_000_000));
    const status = answers.shift() ?? 200;
    const location = status === 302 ? { location: "/elsewhere" } : {};
    response.writeHead(status, { "content-type": "application/json", ...location }).end(JSON.stringify({ got: body }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  delete process.env.TESSERA_WORKFLOW_HOSTS;
  server.closeAllConnections();
  server.close();
  await world.graph.close();
});
beforeEach(() => {
  process.env.TESSERA_WORKFLOW_HOSTS = origin;
  seen = [];
  answers = [];
});

const call = (more: object = {}) => ({ id: "call", type: "http", method: "POST", url: "$input.url", ...more });
const run = (step: object, url: string) => world.run(world.newPerson(), definition([step]), { url });

describe("an HTTP step", () => {
  test("sends what it is told to, with a key that names it, and gives the answer", async () => {
    const step = call({ headers: { "x-from": "'tessera'", Host: "'evil.example'" }, body: "{ 'amount': 5 }" });
    const done = await run(step, `${origin}/pay`);
    expect(done).toMatchObject({
      state: "COMPLETED",
      output: { call: { status: 200, body: { got: '{"amount":5}' } } },
    });
    expect(seen).toMatchObject([{ method: "POST", url: "/pay", body: '{"amount":5}' }]);
    expect(seen[0]?.headers).toMatchObject({
      "x-from": "tessera",
      host: origin.slice(7),
      "content-type": "application/json",
    });
    expect(seen[0]?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("tries again by the same key what may pass, and does not try again what will not", async () => {
    answers = [503, 429];
    expect(await run(call(), origin)).toMatchObject({ state: "COMPLETED", steps: [{ attempts: 3 }] });
    expect(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    seen = [];
    answers = [400];
    const failed = await run(call(), origin);
    expect(failed).toMatchObject({ state: "FAILED", problem: { code: "HTTP_STATUS", stepPath: "call" } });
    expect(seen).toHaveLength(1);
  });

  test("follows no redirect", async () => {
    answers = [302];
    expect(await run(call({ method: "GET" }), origin)).toMatchObject({ problem: { code: "HTTP_STATUS" } });
    expect(seen.map(({ url }) => url)).toEqual(["/"]);
  });

  test("waits no longer and reads no more than it should", async () => {
    const impatient = call({ timeoutSeconds: 1, retry: { attempts: 1 } });
    expect(await run(impatient, `${origin}/never`)).toMatchObject({ problem: { code: "HTTP_TIMEOUT" } });
    const once = call({ retry: { attempts: 1 } });
    expect(await run(once, `${origin}/large`)).toMatchObject({ problem: { code: "HTTP_ANSWER_TOO_LARGE" } });
  });
});

describe("the private network", () => {
  test.each([
    ["*", "an address of this machine", "https://127.0.0.1/", "HTTP_ADDRESS_PRIVATE"],
    ["*", "an address written as a number", "https://2130706433/", "HTTP_ADDRESS_PRIVATE"],
    ["*", "a private address", "https://10.1.2.3/", "HTTP_ADDRESS_PRIVATE"],
    ["*", "the address of a cloud's secrets", "https://169.254.169.254/latest/meta-data", "HTTP_ADDRESS_PRIVATE"],
    ["*", "this machine in IPv6", "https://[::1]/", "HTTP_ADDRESS_PRIVATE"],
    ["*", "an IPv4 address dressed as IPv6", "https://[::ffff:127.0.0.1]/", "HTTP_ADDRESS_PRIVATE"],
    ["*", "a name that stands for this machine", "https://localhost/", "HTTP_ADDRESS_PRIVATE"],
    ["*", "anything but https", "http://example.org/", "HTTP_HOST_NOT_ALLOWED"],
    ["*", "another scheme", "file:///etc/passwd", "HTTP_URL_INVALID"],
    ["*", "an address with a password", "https://user:secret@example.org/", "HTTP_URL_INVALID"],
    ["api.example.org", "a host that nobody allowed", "https://other.example.org/", "HTTP_HOST_NOT_ALLOWED"],
    ["*.example.org", "a name that only ends like an allowed one", "https://badexample.org/", "HTTP_HOST_NOT_ALLOWED"],
    ["*.example.org", "the name above the allowed ones", "https://example.org/", "HTTP_HOST_NOT_ALLOWED"],
    ["", "anything while nothing is allowed", "https://example.org/", "HTTP_HOST_NOT_ALLOWED"],
  ])("with %s allowed, is not reached by %s", async (allowed, _, url, code) => {
    process.env.TESSERA_WORKFLOW_HOSTS = allowed;
    expect(await run(call(), url)).toMatchObject({ state: "FAILED", problem: { code } });
    expect(seen).toEqual([]);
  });

  test("is reached where the operator names the very origin, and only there", async () => {
    expect(await run(call(), `${origin}/named`)).toMatchObject({ state: "COMPLETED" });
    const other = origin.replace("127.0.0.1", "127.0.0.2");
    expect(await run(call(), other)).toMatchObject({ problem: { code: "HTTP_HOST_NOT_ALLOWED" } });
  });
});
