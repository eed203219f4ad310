import { randomBytes } from "node:crypto";
import type { Actor } from "@tessera/shared-types";
import { describe, expect, test } from "vitest";
import { createModuleSigner, createVerifier, moduleIssuer, moduleServiceId } from "../src/index.js";

const seed = randomBytes(32);
const workflow: Actor = {
  kind: "service",
  id: moduleServiceId("workflow"),
  tenantId: "0190a000-0000-7000-8000-000000000001",
  scopes: new Set(["billing:write"]),
  roles: [],
  attributes: { module: ["workflow"] },
};

describe("tokens of modules", () => {
  test("a process that knows the installation's secret verifies what another one signed", async () => {
    const { token } = await createModuleSigner(Buffer.from(seed), 60).sign(workflow);
    const actor = await createVerifier({ issuers: [moduleIssuer(seed)] }).verify(token);
    expect(actor).toMatchObject({ ...workflow, expiresAt: expect.any(Number) });
  });

  test("a key made of another secret counts for nothing", async () => {
    const { token } = await createModuleSigner(randomBytes(32), 60).sign(workflow);
    const verifier = createVerifier({ issuers: [moduleIssuer(seed)] });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "TOKEN_UNKNOWN_KEY" });
  });

  test("a module cannot pass as a person", async () => {
    const { token } = await createModuleSigner(seed, 60).sign({ ...workflow, kind: "user" });
    const verifier = createVerifier({ issuers: [moduleIssuer(seed)] });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "TOKEN_CLAIMS_REFUSED" });
  });

  test("a module acts under one UUID everywhere, and under another one than its neighbour", () => {
    expect(moduleServiceId("workflow")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(moduleServiceId("workflow")).toBe(moduleServiceId("workflow"));
    expect(moduleServiceId("workflow")).not.toBe(moduleServiceId("billing"));
  });
});
