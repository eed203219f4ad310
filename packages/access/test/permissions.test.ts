import { builtInRoles } from "@tessera/shared-types";
import { describe, expect, test } from "vitest";
import { builtInPolicies, createSecret, hashSecret, hasScopes, scopesOfRoles, verifySecret } from "../src/index.js";
import { ada } from "./fixtures.js";

describe("scopes", () => {
  const cases: [string, string[][], boolean][] = [
    ["one held scope is enough", [["identity:read"]], true],
    ["one scope that is not held refuses", [["identity:write"]], false],
    ["every scope of an inner list is needed", [["identity:read", "identity:write"]], false],
    ["every scope of an inner list, all held, is enough", [["identity:read", "analytics:write"]], true],
    ["any inner list is enough", [["identity:admin"], ["analytics:write"]], true],
    ["no list at all refuses", [], false],
    ["an empty inner list asks for nothing but an actor", [[]], true],
    ["writing does not imply reading", [["analytics:read"]], false],
  ];
  test.each(cases)("%s", (_title, wanted, expected) => expect(hasScopes(ada, wanted)).toBe(expected));

  test("nobody holds nothing", () => {
    expect(hasScopes(null, [[]])).toBe(false);
  });
});

describe("roles", () => {
  test("give every scope that one of them holds", () => {
    const scopes = scopesOfRoles(
      ["a", "b"],
      [
        { key: "a", scopes: ["identity:read"] },
        { key: "b", scopes: ["identity:read", "identity:write"] },
        { key: "c", scopes: ["identity:admin"] },
      ],
    );
    expect(scopes).toEqual(new Set(["identity:read", "identity:write"]));
  });

  test("built in are used when no others are given, and unknown ones give nothing", () => {
    const viewer = builtInRoles.find((role) => role.key === "viewer");
    expect(scopesOfRoles(["viewer", "no-such-role", "__proto__"])).toEqual(new Set(viewer?.scopes));
    expect(scopesOfRoles([])).toEqual(new Set());
  });
});

describe("the policy assigned_project", () => {
  const judge = (args: Record<string, unknown>, parent: Record<string, unknown> | null = null) =>
    builtInPolicies.assigned_project(ada, { args, parent });

  test("lets an assigned project pass, from the arguments, the input or the parent", () => {
    expect(judge({ projectId: "p1" })).toBe(true);
    expect(judge({ input: { projectId: "p2" } })).toBe(true);
    expect(judge({}, { projectId: "p1" })).toBe(true);
    expect(judge({ projectIds: ["p1", "p2"] })).toBe(true);
  });

  test("refuses another project, one of several, and none", () => {
    expect(judge({ projectId: "p3" })).toBe(false);
    expect(judge({ projectIds: ["p1", "p3"] })).toBe(false);
    expect(judge({ projectId: "p1" }, { projectId: "p3" })).toBe(false);
    expect(judge({})).toBe(false);
  });

  test("refuses a person without assignments", () => {
    expect(
      builtInPolicies.assigned_project({ ...ada, attributes: {} }, { args: { projectId: "p1" }, parent: null }),
    ).toBe(false);
  });
});

describe("the policies self and own_organization", () => {
  test("let the person herself pass and nobody else", () => {
    expect(builtInPolicies.self(ada, { args: { userId: ada.id }, parent: null })).toBe(true);
    expect(builtInPolicies.self(ada, { args: {}, parent: { id: ada.id } })).toBe(true);
    expect(builtInPolicies.self(ada, { args: {}, parent: { userId: ada.id, id: "session" } })).toBe(true);
    expect(builtInPolicies.self(ada, { args: { userId: "somebody" }, parent: null })).toBe(false);
    expect(builtInPolicies.self(ada, { args: {}, parent: null })).toBe(false);
    expect(builtInPolicies.self({ ...ada, kind: "service" }, { args: { userId: ada.id }, parent: null })).toBe(false);
  });

  test("let the own organization pass and no other", () => {
    expect(builtInPolicies.own_organization(ada, { args: { organizationId: ada.tenantId }, parent: null })).toBe(true);
    expect(builtInPolicies.own_organization(ada, { args: { organizationId: "other" }, parent: null })).toBe(false);
  });
});

describe("secrets", () => {
  test("start with their prefix and carry 256 bits", () => {
    const { secret, prefix } = createSecret("tsk_");
    expect(secret).toMatch(/^tsk_[A-Za-z0-9_-]{43}$/);
    expect(secret.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength(12);
  });

  test("never repeat", () => {
    expect(new Set(Array.from({ length: 1000 }, () => createSecret("tsk_").secret)).size).toBe(1000);
  });

  test("are kept as SHA-256, and the hash of FIPS 180's example is known", () => {
    expect(hashSecret("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const { secret, hash } = createSecret("tsk_");
    expect(hashSecret(secret)).toBe(hash);
  });

  test("match their own hash and nothing else", () => {
    const { secret, hash } = createSecret("tsk_");
    expect(verifySecret(secret, hash)).toBe(true);
    expect(verifySecret(`${secret}x`, hash)).toBe(false);
    expect(verifySecret(secret, hash.slice(2))).toBe(false);
    expect(verifySecret(secret, "")).toBe(false);
    expect(verifySecret("", hash)).toBe(false);
  });
});
