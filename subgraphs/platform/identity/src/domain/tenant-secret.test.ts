import { expect, test } from "vitest";
import { createTenantSecret, tenantOfSecret } from "./tenant-secret.js";

const tenant = "0190a000-0000-7000-8000-0000000000ff";

test("a secret names its organization", () => {
  for (let n = 0; n < 100; n++) expect(tenantOfSecret("tsk_", createTenantSecret("tsk_", tenant).secret)).toBe(tenant);
});

test("a secret of another kind, cut off or made up names none", () => {
  const { secret } = createTenantSecret("tsk_", tenant);
  expect(tenantOfSecret("tsi_", secret)).toBeNull();
  expect(tenantOfSecret("tsk_", secret.slice(0, -1))).toBeNull();
  expect(tenantOfSecret("tsk_", "tsk_x")).toBeNull();
  expect(tenantOfSecret("tsk_", "")).toBeNull();
});
