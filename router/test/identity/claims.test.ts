/** Claims of foreign issuers become an actor. */
import { describe, expect, test } from "vitest";
import { actorFromClaims, type ClaimMapping } from "../../src/identity/claims.js";

const claims = { iss: "https://issuer", sub: "ada", exp: 2_000_000_000 };
const actor = (more: Record<string, unknown>, mapping: ClaimMapping = {}) =>
  actorFromClaims(mapping)({ ...claims, ...more });

describe("scopes and roles", () => {
  test("come from every usual claim, as one text or as a list", () => {
    expect([...actor({ scope: "a b", scp: ["c"], permissions: ["d", "a"] }).scopes]).toEqual(["a", "b", "c", "d"]);
    expect([...actor({ scp: "c d" }).scopes]).toEqual(["c", "d"]);
    expect(actor({ roles: ["x", "y", "x"] }).roles).toEqual(["x", "y"]);
  });

  test("come from the claims that are named, and then from no others", () => {
    const mapping = { scopes: ["https://acme.org/rights"], roles: ["realm_access.roles", "groups"] };
    const mapped = actor(
      { "https://acme.org/rights": "r w", scope: "a", realm_access: { roles: ["p"] }, groups: "q" },
      mapping,
    );
    expect([...mapped.scopes]).toEqual(["r", "w"]);
    expect(mapped.roles).toEqual(["p", "q"]);
  });

  test("are none when the claim is no text, and are not inherited from anything", () => {
    expect(actor({ scope: 7, roles: { x: 1 } })).toMatchObject({ scopes: new Set(), roles: [] });
    expect(actor({}, { roles: ["constructor.name", "toString"] }).roles).toEqual([]);
  });
});

describe("the tenant", () => {
  test("is everybody's own unless the configuration says otherwise, whatever the token claims", () => {
    expect(actor({ tenant: "acme", org_id: "acme" }).tenantId).toBe("https://issuer|ada");
  });

  test("is fixed, or the claim that is named", () => {
    expect(actor({}, { tenant: "acme" }).tenantId).toBe("acme");
    expect(actor({ org: { id: "acme" } }, { tenant: { claim: "org.id" } }).tenantId).toBe("acme");
  });

  test("that a token must name but does not, or may not name, is refused", () => {
    const tenant = { claim: "org_id", allowed: ["acme"] };
    expect(actor({ org_id: "acme" }, { tenant }).tenantId).toBe("acme");
    expect(() => actor({ org_id: "other" }, { tenant })).toThrow("may speak for");
    expect(() => actor({}, { tenant })).toThrow("org_id");
  });
});

test("a client that speaks for itself is a service, and a person is a user", () => {
  expect(actor({ azp: "ada" }).kind).toBe("service");
  expect(actor({ client_id: "ada" }).kind).toBe("service");
  expect(actor({ gty: "client-credentials" }).kind).toBe("service");
  expect(actor({ azp: "app", client_id: "app" }).kind).toBe("user");
});

test("attributes, session, expiry and another id are taken over", () => {
  const mapping = { id: "preferred_username", attributes: { tier: "plan", projects: "assigned" } };
  expect(
    actor({ preferred_username: "lovelace", plan: "pro", assigned: ["p1", "p2"], sid: "s" }, mapping),
  ).toMatchObject({
    id: "lovelace",
    attributes: { tier: ["pro"], projects: ["p1", "p2"] },
    sessionId: "s",
    expiresAt: 2_000_000_000_000,
  });
  expect(() => actor({}, mapping)).toThrow("preferred_username");
});
