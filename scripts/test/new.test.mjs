import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyWorkspace } from "../testing/copy-workspace.mjs";

let copy;
beforeAll(() => {
  copy = copyWorkspace("tessera new ");
});
afterAll(() => copy.remove());

/** Runs a command in the copy. @returns `{ status, output }` */
function run(command, args, folder = "") {
  const path = `${join(copy.folder, "node_modules", ".bin")}:${process.env.PATH}`;
  const cwd = join(copy.folder, folder);
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, PATH: path },
  });
  return { status, output: `${stdout}${stderr}` };
}

const runScript = (name, ...args) => run(process.execPath, [`scripts/${name}.mjs`, ...args]);
const passes = (result) => expect(result.status, result.output).toBe(0);
const folder = "subgraphs/esg/packaging-audits";

test("an address that is no address, or taken, is refused and leaves nothing behind", () => {
  expect(runScript("new", "subgraph", "esg/Packaging").output).toContain("use <suite>/<module> in lower-case words");
  expect(runScript("new", "subgraph", "works/identity").output).toContain('There is a module "identity" already');
  expect(existsSync(join(copy.folder, "subgraphs/works"))).toBe(false);
});

test("a generated package passes every check as it comes", { timeout: 600_000 }, () => {
  passes(runScript("new", "subgraph", "esg/packaging-audits"));
  passes(run("biome", ["check", folder, "packages/shared-types/src"]));
  passes(runScript("supergraph", "--check"));
  passes(runScript("compose"));
  passes(runScript("migrations", "--check"));
  passes(run("tsc", ["--build", folder]));
  const boundaries = runScript("lint-boundaries").output.split("\n");
  expect(boundaries.filter((line) => line.startsWith(folder))).toEqual([]);
  passes(run("vitest", ["run"], folder));
});

test("its scopes, event contract, port and lock entry are in place", () => {
  const text = (path) => readFileSync(join(copy.folder, path), "utf8");
  expect(text("packages/shared-types/src/permissions.ts")).toContain('"packaging-audits"');
  expect(text("packages/shared-types/src/events/esg.ts")).toContain('"packaging-audits.packaging_audit.created"');
  expect(text("supergraph.yaml")).toContain("./subgraphs/esg/packaging-audits/schema.graphql");
  expect(text("package-lock.json")).toContain('"subgraphs/esg/packaging-audits"');
});

test("the first module of a suite brings the suite's file of events along", { timeout: 600_000 }, () => {
  passes(runScript("new", "subgraph", "deals/term-sheets", "--entity", "TermSheet"));
  passes(run("tsc", ["--build", "subgraphs/deals/term-sheets"]));
  passes(run("vitest", ["run"], "subgraphs/deals/term-sheets"));
});
