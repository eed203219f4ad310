import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let workspace;

function write(path, text) {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

function writePackage(folder, name, dependencies) {
  write(
    `${folder}/package.json`,
    JSON.stringify({ name, dependencies: Object.fromEntries(dependencies.map((key) => [key, "0.1.0"])) }),
  );
}

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "tessera lint "));
  write("package.json", JSON.stringify({ devDependencies: { vitest: "4.1.12" } }));
  writePackage("subgraphs/esg/waste", "@tessera/esg-waste", [
    "@tessera/subgraph",
    "@tessera/esg-water",
    "@tessera/router",
  ]);
  writePackage("packages/events", "@tessera/events", ["@tessera/shared-types", "@tessera/subgraph"]);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(workspace, { recursive: true });
});

/** What the lint finds in the workspace, which its modules read from the environment when they load. */
async function lint() {
  vi.resetModules();
  vi.stubEnv("TESSERA_WORKSPACE", workspace);
  const { findProblems } = await import("../lint-boundaries.mjs");
  return findProblems();
}

test("a subgraph may import the kernel, but no other subgraph and no router, not even a type", async () => {
  write("subgraphs/esg/waste/src/domain/weigh.ts", 'import type { Context } from "@tessera/subgraph";\n');
  expect(await lint()).toEqual([]);
  write(
    "subgraphs/esg/waste/src/domain/weigh.ts",
    'import type { Pipe } from "@tessera/esg-water";\nimport "@tessera/router";\n',
  );
  expect(await lint()).toEqual([
    expect.stringContaining("weigh.ts:1 The subgraph waste may import kernel packages only, not @tessera/esg-water"),
    expect.stringContaining("weigh.ts:2 The subgraph waste may import kernel packages only, not @tessera/router"),
  ]);
});

test("a dependency has to be declared, a tool of the repository may be used in tests", async () => {
  write("subgraphs/esg/waste/test/weigh.test.ts", 'import { test } from "vitest";\n');
  expect(await lint()).toEqual([]);
  write("subgraphs/esg/waste/src/domain/weigh.ts", 'import { test } from "vitest";\nawait import("left-pad");\n');
  expect(await lint()).toEqual([
    expect.stringContaining('weigh.ts:1 "vitest" is not declared'),
    expect.stringContaining('weigh.ts:2 "left-pad" is not declared'),
  ]);
});

test("a development dependency may be loaded on demand, never at start", async () => {
  const manifest = { name: "@tessera/esg-waste", devDependencies: { "drizzle-kit": "0.31.11" } };
  write("subgraphs/esg/waste/package.json", JSON.stringify(manifest));
  write("subgraphs/esg/waste/src/draw.ts", 'await import("drizzle-kit/api");\n');
  expect(await lint()).toEqual([]);
  write("subgraphs/esg/waste/src/draw.ts", 'import "drizzle-kit/api";\n');
  expect(await lint()).toEqual([expect.stringContaining('draw.ts:1 "drizzle-kit" is not declared')]);
});

test("a kernel package may use those below it, not those above", async () => {
  write("packages/events/src/relay.ts", 'import "@tessera/shared-types";\n');
  expect(await lint()).toEqual([]);
  write("packages/events/src/relay.ts", 'import "@tessera/subgraph";\n');
  expect(await lint()).toEqual([expect.stringContaining("relay.ts:1 events may not import @tessera/subgraph")]);
});

test("layers point one way: queries never import commands, resolvers may import both", async () => {
  write("subgraphs/esg/waste/src/queries.ts", 'import "./tables.js";\n');
  write("subgraphs/esg/waste/src/domain/weigh.ts", 'import "../queries.js";\n');
  write("subgraphs/esg/waste/src/resolvers.ts", 'import "./domain/weigh.js";\nimport "./queries.js";\n');
  expect(await lint()).toEqual([]);
  write("subgraphs/esg/waste/src/queries.ts", 'import "./domain/weigh.js";\n');
  expect(await lint()).toEqual([expect.stringContaining("queries.ts:1 queries may not import domain")]);
});

test("a pure rule, which touches no data, may be used by every layer", async () => {
  write("subgraphs/esg/waste/src/domain/unit.ts", 'import "../errors.js";\n');
  write("subgraphs/esg/waste/src/errors.ts", "");
  write("subgraphs/esg/waste/src/tables.ts", 'import "./domain/unit.js";\n');
  expect(await lint()).toEqual([]);
});

test("the domain does not know GraphQL, resolvers may", async () => {
  writePackage("subgraphs/esg/waste", "@tessera/esg-waste", ["graphql"]);
  write("subgraphs/esg/waste/src/resolvers.ts", 'import "graphql";\n');
  expect(await lint()).toEqual([]);
  write("subgraphs/esg/waste/src/domain/weigh.ts", 'import "graphql";\n');
  expect(await lint()).toEqual([expect.stringContaining("weigh.ts:1 domain does not know GraphQL")]);
});

test("a relative import stays inside its package", async () => {
  write("subgraphs/esg/waste/src/queries.ts", 'import "../../water/src/queries.js";\n');
  expect(await lint()).toEqual([
    expect.stringContaining("queries.ts:1 ../../water/src/queries.js reaches into another package"),
  ]);
});

test("files and functions have budgets, and tests may be longer", async () => {
  write("subgraphs/esg/waste/src/short.ts", `${"\n".repeat(298)}export const a = 1;\n`);
  write("subgraphs/esg/waste/test/long.test.ts", `${"//\n".repeat(499)}export {};\n`);
  expect(await lint()).toEqual([]);
  write("subgraphs/esg/waste/src/short.ts", `${"//\n".repeat(300)}export const a = 1;\n`);
  write("subgraphs/esg/waste/src/tall.ts", `export function tall() {\n${"  a();\n".repeat(60)}}\n`);
  expect(await lint()).toEqual([
    expect.stringContaining("301 lines, 300 at most"),
    expect.stringContaining("tall has 62 lines, 60 at most"),
  ]);
});

test("a name that says nothing is refused, for a file and for a folder", async () => {
  write("subgraphs/esg/waste/src/utils.ts", "");
  write("subgraphs/esg/waste/src/common/unit.ts", "");
  expect(await lint()).toEqual([
    expect.stringContaining('"common" says nothing'),
    expect.stringContaining('"utils.ts" says nothing'),
  ]);
});
