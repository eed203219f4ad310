import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installationSecret } from "../src/installation-secret.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera secret "));
});
afterEach(() => rm(folder, { recursive: true }));

test("the secret is made once, 32 bytes, and only its owner may read the file", async () => {
  const [first, second] = await Promise.all([installationSecret(folder), installationSecret(folder)]);
  expect(first).toHaveLength(32);
  expect(second).toEqual(first);
  expect(await installationSecret(folder)).toEqual(first);
  expect((await stat(join(folder, "secret"))).mode & 0o777).toBe(0o600);
});

test("two installations have different secrets", async () => {
  const first = await installationSecret(folder);
  await rm(join(folder, "secret"));
  expect(await installationSecret(folder)).not.toEqual(first);
});

test("a damaged secret is refused and left as it is", async () => {
  await writeFile(join(folder, "secret"), "abc");
  await expect(installationSecret(folder)).rejects.toThrow("is damaged");
  expect(await readFile(join(folder, "secret"), "utf8")).toBe("abc");
});
