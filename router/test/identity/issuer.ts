/** Token issuers that really listen, with keys that can be rotated. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { SigningAlgorithm } from "@tessera/access";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
}

async function makeKey(alg: string): Promise<Key> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const kid = `key-${Math.random()}`;
  return { kid, alg, privateKey: pair.privateKey, publicJwk: { ...(await exportJWK(pair.publicKey)), kid, alg } };
}

export async function startIssuer(algorithm: SigningAlgorithm = "ES256") {
  const state = { keys: [await makeKey(algorithm)], asked: 0, down: false };
  const server = createServer((request, response) => {
    state.asked += 1;
    response.statusCode = state.down ? 503 : 200;
    const discovery = { issuer: url, jwks_uri: `${url}/keys` };
    const isKeys = request.url === "/keys";
    response.end(JSON.stringify(isKeys ? { keys: state.keys.map((key) => key.publicJwk) } : discovery));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return Object.assign(state, {
    url,
    jwksUrl: `${url}/keys`,
    async sign(claims: Record<string, unknown> = {}, key = state.keys.at(-1)): Promise<string> {
      if (!key) throw new Error("no key");
      const all = { iss: url, sub: "ada", exp: Math.floor(Date.now() / 1000) + 600, ...claims };
      return new SignJWT(all).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.privateKey);
    },
    async rotate(): Promise<void> {
      state.keys = [await makeKey(algorithm)];
    },
    strangerKey: () => makeKey(algorithm),
    close: () => new Promise((closed) => server.close(closed)),
  });
}
