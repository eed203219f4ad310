/** External issuers over real HTTP: discovery, key set, Keycloak's claims. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createVerifier,
  generateSigningKey,
  keycloakClaims,
  oidcIssuer,
  type SigningKey,
  tesseraIssuer,
} from "../src/index.js";
import { ada, clock, forge, keySet, ownWorld, verdict } from "./fixtures.js";

const tenant = "0190a000-0000-7000-8000-0000000000cc";

class Realm {
  keys: SigningKey[] = [];
  requests: string[] = [];
  says = "";
  #server!: Server;

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/realms/acme`;
  }

  async start(): Promise<this> {
    this.keys = [await generateSigningKey()];
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? "");
      const document = this.#document(request.url ?? "");
      response.writeHead(document === null ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(document));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.says = this.issuer;
    return this;
  }

  stop(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  #document(path: string): object | null {
    const certs = `${this.issuer}/protocol/openid-connect/certs`;
    if (path.endsWith("/.well-known/openid-configuration")) return { issuer: this.says, jwks_uri: certs };
    if (path.endsWith("/certs")) return { keys: this.keys.map((key) => key.publicJwk) };
    return null;
  }
}

let realm: Realm;
const time = clock();
beforeEach(async () => {
  realm = await new Realm().start();
});
afterEach(() => realm.stop());

const map = keycloakClaims({ tenant, clientId: "tessera-api", attributes: { projects: "assigned_projects" } });
const verifierOf = (claims = map) =>
  createVerifier({
    issuers: [oidcIssuer({ issuer: realm.issuer, audience: "tessera-api", map: claims })],
    now: time.now,
  });
const token = (change: Record<string, unknown> = {}) =>
  forge(
    realm.keys[0] as SigningKey,
    {
      iss: realm.issuer,
      aud: ["account", "tessera-api"],
      sub: "f:1:ada",
      exp: Math.floor(time.now() / 1000) + 300,
      typ: "Bearer",
      sid: "s1",
      preferred_username: "ada",
      realm_access: { roles: ["viewer", "offline_access"] },
      resource_access: { "tessera-api": { roles: ["analyst"] }, other: { roles: ["owner"] } },
      assigned_projects: ["p7"],
      ...change,
    },
    { typ: "JWT" },
  );

describe("a Keycloak realm", () => {
  test("is found by discovery, and its roles become roles and scopes", async () => {
    const actor = await verifierOf().verify(await token());
    expect(actor).toMatchObject({ kind: "user", id: "f:1:ada", tenantId: tenant, sessionId: "s1" });
    expect(actor.roles).toEqual(["viewer", "offline_access", "analyst"]);
    expect(actor.scopes).toContain("analytics:write");
    expect(actor.attributes).toEqual({ projects: ["p7"] });
    expect(realm.requests).toEqual([
      "/realms/acme/.well-known/openid-configuration",
      "/realms/acme/protocol/openid-connect/certs",
    ]);
  });

  test("gives no scopes for the roles of another client", async () => {
    expect((await verifierOf().verify(await token())).scopes).not.toContain("identity:admin");
  });

  test("may call its roles differently", async () => {
    const claims = keycloakClaims({ tenant, roleNames: { "realm-boss": "owner" } });
    const actor = await verifierOf(claims).verify(await token({ realm_access: { roles: ["realm-boss"] } }));
    expect(actor.roles).toEqual(["owner"]);
    expect(actor.scopes).toContain("identity:admin");
  });

  test("marks its service accounts as services", async () => {
    const actor = await verifierOf().verify(await token({ preferred_username: "service-account-importer" }));
    expect(actor.kind).toBe("service");
  });

  test("speaks for the organizations it is allowed to, and for no other", async () => {
    const verifier = verifierOf(keycloakClaims({ tenant: { claim: "organization", allowed: [tenant] } }));
    expect((await verifier.verify(await token({ organization: tenant }))).tenantId).toBe(tenant);
    expect(await verdict(verifier, await token({ organization: ada.tenantId }))).toBe("TOKEN_CLAIMS_REFUSED");
    expect(await verdict(verifier, await token())).toBe("TOKEN_CLAIMS_REFUSED");
  });

  test("has its access tokens accepted, its ID and refresh tokens refused", async () => {
    const verifier = verifierOf();
    expect(await verdict(verifier, await token({ typ: "Bearer" }))).toBe("accepted");
    expect(await verdict(verifier, await token({ typ: "ID" }))).toBe("TOKEN_CLAIMS_REFUSED");
    expect(await verdict(verifier, await token({ typ: "Refresh" }))).toBe("TOKEN_CLAIMS_REFUSED");
  });

  test("has tokens for another client refused", async () => {
    expect(await verdict(verifierOf(), await token({ aud: "account" }))).toBe("TOKEN_WRONG_AUDIENCE");
  });

  test("may rotate its keys", async () => {
    const verifier = verifierOf();
    await verifier.verify(await token());
    time.pass(20);
    realm.keys = [await generateSigningKey()];
    expect(await verdict(verifier, await token())).toBe("accepted");
  });
});

test("a discovery document that speaks for another issuer is refused", async () => {
  const verifier = verifierOf();
  realm.says = "https://elsewhere.example";
  expect(await verdict(verifier, await token())).toBe("KEYS_UNAVAILABLE");
  realm.says = realm.issuer;
  expect(await verdict(verifier, await token())).toBe("accepted");
});

test("an issuer and Tessera itself are trusted side by side", async () => {
  const own = await ownWorld();
  const verifier = createVerifier({
    now: time.now,
    issuers: [
      tesseraIssuer({ keys: keySet(own.key).read }),
      oidcIssuer({ issuer: realm.issuer, audience: "tessera-api", map }),
    ],
  });
  expect((await verifier.verify((await own.signer.sign(ada)).token)).id).toBe(ada.id);
  expect((await verifier.verify(await token())).id).toBe("f:1:ada");
});

test("a key set is read from an address", async () => {
  const { signer, key, time: ownTime } = await ownWorld();
  realm.keys = [key];
  const keys = new URL(`${realm.issuer}/protocol/openid-connect/certs`);
  const verifier = createVerifier({ issuers: [tesseraIssuer({ keys })], now: ownTime.now });
  expect(await verdict(verifier, (await signer.sign(ada)).token)).toBe("accepted");
});
