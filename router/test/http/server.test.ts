import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as sendPlain } from "node:http";
import { request as send } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import { createExplorer } from "../../src/http/explorer.js";
import type { Route } from "../../src/http/routes.js";
import { readTlsFiles, type TlsOptions } from "../../src/http/tls.js";
import { writeJson } from "../../src/http/write-answer.js";
import { type Door, openDoor } from "./door.js";

describe("routes", () => {
  const routes: Route[] = [
    { path: "/ready", handle: (exchange, phase) => writeJson(exchange, phase === "ready" ? 200 : 503, { phase }) },
    { prefix: "/files/", handle: (exchange) => writeJson(exchange, 200, { path: exchange.path }) },
    { prefix: "/files/", handle: () => Promise.reject(new RouterError("NOT_READY")) },
    { prefix: "/some/", handle: async ({ path }) => path !== "/some/other" && Promise.reject(new Error("broken")) },
    { path: "/some/other", handle: (exchange) => writeJson(exchange, 200, "other") },
  ];
  let door: Door;
  beforeAll(async () => {
    door = await openDoor({ routes, explorer: createExplorer() });
  });
  afterAll(() => door.close());
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(new URL(path, door.url), { headers, redirect: "manual" });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };

  test("answer their path or what lies below it, the first that fits", async () => {
    expect((await get("/ready?x=1")).text).toBe('{"phase":"ready"}');
    expect((await get("/files/a/b")).text).toBe('{"path":"/files/a/b"}');
    expect((await get("/some/other")).text).toBe('"other"');
    expect((await get("/files")).status).toBe(404);
  });

  test("that fail are internal errors, and what is not there is told", async () => {
    expect(await get("/some/thing")).toMatchObject({
      status: 500,
      text: expect.stringMatching("INTERNAL_SERVER_ERROR"),
    });
    expect(await get("/nowhere")).toMatchObject({ status: 404, text: expect.stringMatching("/nowhere") });
  });

  test("leave room for the explorer, which is for people", async () => {
    const accept = "text/html,application/xhtml+xml";
    const page = await get("/graphql", { accept });
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("x-request-id")).toBeTruthy();
    expect((await get("/", { accept })).headers.get("location")).toBe("/graphql");
    expect((await get("/")).status).toBe(404);
  });

  test("are there while GraphQL is not", async () => {
    const starting = await openDoor({ routes });
    starting.server.graphql = null;
    starting.server.phase = "starting";
    expect((await fetch(new URL("/ready", starting.url))).status).toBe(503);
    const refused = await fetch(starting.url, { method: "POST" });
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringMatching("NOT_READY")]);
    await starting.close();
  });
});

describe("TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  const file = (name: string) => join(folder, name);
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeAll(() => {
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    writeFileSync(file("names"), "subjectAltName=IP:127.0.0.1");
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "1");
    for (const name of ["server", "client"]) {
      openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
      const signed = ["-in", `${name}.csr`, "-out", `${name}.pem`, "-extfile", "names", "-days", "1"];
      openssl("x509", "-req", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", ...signed);
    }
  });

  const ask = ({ url }: Door, own: object = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = {
        method: "POST",
        headers: { "content-type": "application/json" },
        ca: readFileSync(file("ca.pem")),
      };
      const request = send(url, { ...options, ...own, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject);
      request.end('{"query":"{ hello }"}');
    });
  const open = async (more: Partial<TlsOptions> = {}) =>
    openDoor({ tls: await readTlsFiles({ certFile: file("server.pem"), keyFile: file("server.key"), ...more }) });

  test("encrypts connections", async () => {
    const door = await open();
    expect(await ask(door)).toBe(200);
    await door.close();
  });

  test("lets nobody in without a certificate where one is required", async () => {
    const door = await open({ clientCaFile: file("ca.pem"), requireClientCertificate: true });
    expect(await ask(door, { cert: readFileSync(file("client.pem")), key: readFileSync(file("client.key")) })).toBe(
      200,
    );
    await expect(ask(door)).rejects.toThrow();
    await door.close();
  });

  test("needs files that are there", async () => {
    await expect(open({ certFile: file("none.pem") })).rejects.toThrow("ENOENT");
  });
});

test("a refused request leaves its connection to the next one", async () => {
  const door = await openDoor();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const portOf = (headers: Record<string, string>, body: string) =>
    new Promise((resolve, reject) => {
      const request = sendPlain(door.url, { method: "POST", agent, headers }, (response) => {
        response.resume().once("end", () => resolve([response.statusCode, request.socket?.localPort]));
      });
      request.on("error", reject).end(body);
    });
  const json = { "content-type": "application/json" };
  const [refused, port] = (await portOf(
    { ...json, authorization: "Bearer forged" },
    '{"query":"{ hello }"}',
  )) as number[];
  expect(refused).toBe(401);
  expect(await portOf({}, "{}")).toEqual([400, port]);
  expect(await portOf(json, '{"query":"{ hello }"}')).toEqual([200, port]);
  agent.destroy();
  await door.close();
});

describe("shutting down", () => {
  const bare = (door: Door) => {
    const socket = connect(Number(new URL(door.url).port), "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    const send = (query: string) => {
      const body = JSON.stringify({ query });
      const head = `host: test\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
      socket.write(`POST /graphql HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    };
    return { socket, send, text: () => Buffer.concat(chunks).toString() };
  };

  test("lets a running request finish, and ends its connection and idle ones", async () => {
    const door = await openDoor();
    const idle = bare(door);
    await once(idle.socket, "connect");
    const busy = bare(door);
    busy.send("{ wait(ms: 200) }");
    await expect.poll(() => door.seen.length).toBe(1);
    await Promise.all([door.close(), once(idle.socket, "close"), once(busy.socket, "close")]);
    expect(busy.text()).toContain('{"data":{"wait":200}}');
    await expect(fetch(door.url)).rejects.toThrow();
  });

  test("ends streams that would never end, and says why", async () => {
    const door = await openDoor();
    const response = await stream(door);
    await door.close();
    expect(await response.text()).toMatch(/"code":"SHUTTING_DOWN".*\n\nevent: complete\n/);
    expect(door.seen[0]?.context.facts.signal.aborted).toBe(true);
  });

  test("cuts what takes longer than the drain time", async () => {
    const door = await openDoor({ requestTimeoutMs: 600_000 });
    const busy = bare(door);
    busy.send("{ wait(ms: 60000) }");
    await expect.poll(() => door.seen.length).toBe(1);
    await door.close();
    expect(busy.text()).toBe("");
    await expect.poll(() => door.seen[0]?.context.facts.signal.aborted).toBe(true);
  });
});

function stream({ url }: Door): Promise<Response> {
  const body = JSON.stringify({ query: "subscription { ticks(count: 100000, ms: 10) }" });
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  return fetch(url, { method: "POST", headers, body });
}
