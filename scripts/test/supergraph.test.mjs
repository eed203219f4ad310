import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";

const script = fileURLToPath(new URL("../supergraph.mjs", import.meta.url));
let workspace;

function addPackage(folder, manifest = {}) {
  mkdirSync(join(workspace, folder), { recursive: true });
  writeFileSync(join(workspace, folder, "package.json"), JSON.stringify(manifest));
}

function supergraph(...args) {
  return spawnSync(process.execPath, [script, ...args], {
    env: { ...process.env, TESSERA_WORKSPACE: workspace },
    encoding: "utf8",
  });
}

const subgraphs = () => parse(readFileSync(join(workspace, "supergraph.yaml"), "utf8")).subgraphs;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "tessera supergraph "));
  addPackage("router", { dependencies: { "@apollo/composition": "2.14.4" } });
  addPackage("subgraphs/platform/identity");
});
afterEach(() => rmSync(workspace, { recursive: true }));

test("the file lists every folder in rover's format", () => {
  supergraph();
  expect(subgraphs()).toEqual({
    identity: {
      routing_url: "http://localhost:4101/graphql",
      schema: { file: "./subgraphs/platform/identity/schema.graphql" },
    },
  });
});

test("a subgraph keeps its port when others come and go", () => {
  supergraph();
  addPackage("subgraphs/esg/ghg-calculator");
  supergraph();
  expect(subgraphs().identity.routing_url).toContain(":4101/");
  expect(subgraphs()["ghg-calculator"].routing_url).toContain(":4102/");
  rmSync(join(workspace, "subgraphs/platform"), { recursive: true });
  supergraph();
  expect(Object.keys(subgraphs())).toEqual(["ghg-calculator"]);
  expect(subgraphs()["ghg-calculator"].routing_url).toContain(":4102/");
});

test("the check passes when file and folders agree, and otherwise names the command that fixes it", () => {
  supergraph();
  expect(supergraph("--check").status).toBe(0);
  addPackage("subgraphs/esg/ghg-calculator");
  const { status, stderr } = supergraph("--check");
  expect(status).toBe(1);
  expect(stderr).toContain("Run: npm run supergraph");
});

test("two modules of one name are refused, whatever their suites", () => {
  addPackage("subgraphs/esg/identity");
  expect(supergraph().stderr).toContain('Two suites have a module called "identity"');
});
