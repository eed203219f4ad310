/** Type-checks every package in one process, each after the packages it references. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { listPackages, root, runScript } from "./workspace.mjs";

const help = `
Usage: node scripts/typecheck.mjs

Checks the types of all packages; what has not changed since the last time is skipped. \`npm run typecheck\` generates the
types of resolvers and operations first.
`;

await runScript(help, () => {
  const projects = listPackages().filter((folder) => existsSync(join(folder, "tsconfig.json")));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [compiler, "--build", ...projects], { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
});
