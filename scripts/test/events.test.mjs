import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyWorkspace } from "../testing/copy-workspace.mjs";

let copy;

function events(...args) {
  return spawnSync(process.execPath, [join(copy.folder, "scripts/events.mjs"), ...args], {
    cwd: copy.folder,
    env: { ...process.env, TESSERA_WORKSPACE: copy.folder },
    encoding: "utf8",
  });
}

const read = (file) => readFileSync(join(copy.folder, file), "utf8");

function change(file, from, to) {
  const text = read(file);
  expect(text).toContain(from);
  writeFileSync(join(copy.folder, file), text.replace(from, to));
}

const contracts = "packages/shared-types/src/events/esg.ts";
const anchor = "calculationId: id,\n    /** Number of the result";

beforeAll(() => {
  copy = copyWorkspace();
});
afterAll(() => copy.remove());

test("the table says who publishes what and who reacts, from the definitions of the modules", () => {
  const { stdout, status, stderr } = events();
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ghg\.emissions\.calculated +1 +ghg-calculator +(.*, )?analytics/m);
  expect(stdout).toMatch(/^event +version +published by +reacted to by$/m);
});

test("a contract that gained an optional property passes, is recorded by a release, and is new no more", () => {
  change(contracts, anchor, `note: z.string().optional(),\n    ${anchor}`);
  const passed = events("--check");
  expect(passed.status).toBe(0);
  expect(passed.stdout).toContain("1 changed as they may: ghg.emissions.calculated@1.");
  expect(events("--release").stdout).toContain("ghg.emissions.calculated@1");
  const { versions } = JSON.parse(read("packages/shared-types/released-events.json"))["ghg.emissions.calculated"];
  expect(versions["1"]).toHaveLength(2);
  expect(events("--release").stdout).toContain("Everything is recorded already.");
});

test("a contract that lost what others need fails the check with the reason and what to do, and cannot be released", () => {
  const before = read("packages/shared-types/released-events.json");
  change(contracts, anchor, anchor.replace("calculationId", "calculation"));
  const { status, stderr } = events("--check");
  expect(status).toBe(1);
  expect(stderr).toContain("ghg.emissions.calculated, version 1");
  expect(stderr).toContain('the released contract needs the property "calculationId"; the contract does not have it.');
  expect(stderr).toContain("define the next one beside it");
  expect(events("--release").status).toBe(1);
  expect(read("packages/shared-types/released-events.json")).toBe(before);
});

test("the AsyncAPI document is written where it is asked for", () => {
  expect(events("--asyncapi", "events.json").status).toBe(0);
  const document = JSON.parse(read("events.json"));
  expect(document.asyncapi).toBe("3.0.0");
  expect(document.operations["ghg-calculator.send.ghg.emissions.calculated"].action).toBe("send");
  expect(events("--asyncapi").stderr).toContain("Say which file");
});

test("--help lists the commands, and what is no command is answered with them", () => {
  expect(events("--help").stdout).toContain("npm run events -- --check");
  const { status, stderr } = events("--chekc");
  expect(status).toBe(1);
  expect(stderr).toContain("npm run events -- --check");
});
