/** Whom the router believes to be a subgraph, and how it shows who it is itself. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { createServer, type ServerOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifySignature } from "../../src/subgraphs/traffic/sign.js";
import { connect } from "./connect.js";
import { answering, bodyOf, listen, mutation, query, refusal, serve } from "./servers.js";

interface Pair {
  readonly key: string;
  readonly cert: string;
}

let directory: string;
let ca: string;
let server: Pair;
let client: Pair;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "router-tls-"));
  openssl(
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=authority",
  );
  ca = read("ca.pem");
  server = issue("localhost", "subjectAltName=DNS:localhost,DNS:products.internal");
  client = issue("router", "extendedKeyUsage=clientAuth");
});
afterAll(() => rmSync(directory, { recursive: true }));

function openssl(args: string): void {
  execFileSync("openssl", args.split(" "), { cwd: directory, stdio: "ignore" });
}

function read(file: string): string {
  return readFileSync(join(directory, file), "utf8");
}

function issue(name: string, extension: string): Pair {
  writeFileSync(join(directory, `${name}.ext`), extension);
  openssl(
    `req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`,
  );
  openssl(`x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ${name}.pem -extfile ${name}.ext`);
  return { key: read(`${name}.key`), cert: read(`${name}.pem`) };
}

const serveTls = (options: ServerOptions = {}) =>
  listen(createServer({ ...server, ...options }, answering().listener), "https");

describe("TLS", () => {
  test("is spoken with a subgraph whose certificate a known authority has signed, and no other", async () => {
    const { url } = await serveTls();
    expect(await connect({ url, traffic: { tls: { ca } } }).post(query())).toMatchObject({ status: 200 });
    expect(await refusal(connect({ url }).post(query()))).toBe("SUBGRAPH_UNAVAILABLE");
    const careless = connect({ url, traffic: { tls: { rejectUnauthorized: false } } });
    expect(await careless.post(query())).toMatchObject({ status: 200 });
  });

  test("expects the name that is configured", async () => {
    const { url } = await serveTls();
    const known = connect({ url, traffic: { tls: { ca, servername: "products.internal" } } });
    expect(await known.post(query())).toMatchObject({ status: 200 });
    const other = connect({ url, traffic: { tls: { ca, servername: "people.internal" } } });
    expect(await refusal(other.post(query()))).toBe("SUBGRAPH_UNAVAILABLE");
  });

  test("shows the router's certificate to a subgraph that wants one", async () => {
    const { url } = await serveTls({ ca, requestCert: true, rejectUnauthorized: true });
    expect(await connect({ url, traffic: { tls: { ca, ...client } } }).post(query())).toMatchObject({ status: 200 });
    expect(await refusal(connect({ url, traffic: { tls: { ca } } }).post(query()))).toBe("SUBGRAPH_UNAVAILABLE");
  });

  test("carries HTTP/2 when it is allowed, and HTTP/1.1 otherwise", async () => {
    const { url, versions } = await serveHttp2();
    await connect({ url, traffic: { tls: { ca }, allowH2: true } }).post(query());
    await connect({ url, traffic: { tls: { ca } } }).post(query());
    expect(versions).toEqual(["2.0", "1.1"]);
  });

  test("lets queries share an HTTP/2 connection, and mutations not", async () => {
    const { url, opened } = await serveHttp2();
    const connection = connect({ url, traffic: { tls: { ca }, allowH2: true } });
    await connection.post(query());
    await Promise.all(Array.from({ length: 50 }, () => connection.post(query())));
    expect(opened()).toBe(1);
    await Promise.all(Array.from({ length: 3 }, () => connection.post(mutation())));
    expect(opened()).toBe(4);
  });
});

async function serveHttp2() {
  const versions: string[] = [];
  const http2 = createSecureServer({ ...server, allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion);
    response.end('{"data":{}}');
  });
  return { ...(await listen(http2 as never, "https")), versions };
}

describe("a signature", () => {
  const secret = "known to both";

  test("verifies over the body as it arrived, and not over another", async () => {
    const seen: { signature: string | undefined; body: Buffer }[] = [];
    const { url } = await serve(async (request, response) => {
      const body = await bodyOf(request);
      seen.push({ signature: request.headers["x-tessera-signature"] as string | undefined, body });
      response.end('{"data":{}}');
    });
    await connect({ url, traffic: { hmac: { secret } } }).post(query());
    await connect({ url }).post(query());
    const [signed, unsigned] = seen;
    const check = { secret, signature: signed?.signature, body: signed?.body ?? Buffer.alloc(0) };
    expect(verifySignature(check)).toBe(true);
    expect(verifySignature({ ...check, body: Buffer.from("{}") })).toBe(false);
    expect(verifySignature({ ...check, secret: "guessed" })).toBe(false);
    expect(verifySignature({ ...check, signature: unsigned?.signature })).toBe(false);
  });

  test("of an old request does not verify any more", async () => {
    const { listener, received } = answering();
    const { url } = await serve(listener);
    const before = Date.now();
    await connect({ url, traffic: { hmac: { secret, header: "X-Signed" } } }).post(query());
    const [request] = received;
    const signature = request?.headers["x-signed"] as string;
    const check = { secret, signature, body: Buffer.from(request?.body ?? "") };
    expect(verifySignature({ ...check, now: () => before + 299_000 })).toBe(true);
    expect(verifySignature({ ...check, now: () => Date.now() + 302_000 })).toBe(false);
  });
});
