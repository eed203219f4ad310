/** From nothing to the first answer: a clone in an empty folder, `npm ci`, `npm start`, one query. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository, round, startServer } from "./server.mjs";

export async function measureInstall() {
  const root = join(mkdtempSync(join(tmpdir(), "tessera-install-")), "tessera");
  execFileSync("git", ["clone", "--quiet", "--depth", "1", `file://${repository}`, root]);
  const began = performance.now();
  execFileSync("npm", ["ci", "--loglevel=error"], { cwd: root, stdio: "inherit" });
  const installed = performance.now();
  const server = await startServer({ root });
  const answered = performance.now();
  await server.stop({ forget: true });
  rmSync(root, { recursive: true, force: true });
  return { npmCiSeconds: round((installed - began) / 1_000), startSeconds: round((answered - installed) / 1_000) };
}
