import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { carbonDashboardId, type PersonKey, people } from "@tessera/demo-world";
import { firstOperations } from "@tessera/launcher";
import { getOperationAST, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentedBlocks, type Graph, runScript, startGraph } from "../src/index.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const blocks = documentedBlocks(root);

/** What the terminal prints after a start; everything but the login needs its token. */
const printed = firstOperations.map((text, index) => ({
  place: `the terminal, operation ${index + 1}`,
  language: "graphql",
  settings: index === 0 ? {} : { as: "priya" },
  text,
}));

/** Commands that take long or change the repository, and the test that runs each of them. */
const runElsewhere: Record<string, string> = {
  "npm ci && npm start": "packages/launcher/test",
  "npm ci && npm test": ".ci/run",
  "npm start": "packages/launcher/test",
  "npm test": ".ci/run",
  "npm run new -- subgraph esg/carbon-offsets": "scripts",
  "npm run migrations -- esg/carbon-offsets add-retirement": "scripts",
};

/** Something that the demo dashboard shows. */
const changeTheDashboard = `mutation {
  recordMetricPoints(key: "energy.electricity", points: [
    { at: "2026-01-01T00:00:00Z", value: "1", dimensions: [{ name: "site", value: "Leeds plant" }] }
  ]) { id }
}`;

describe("every operation and every program in the documentation works", () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await startGraph("single");
  }, 120_000);
  afterAll(() => graph?.close());

  const operations = [...printed, ...blocks.filter(({ language }) => language === "graphql")];
  const isLive = (text: string) => getOperationAST(parse(text))?.operation === "subscription";
  const token = (person: string | undefined) => (person ? graph.login(people[person as PersonKey].email) : null);

  test("there are operations to try", () => {
    expect(operations.length).toBeGreaterThan(6);
  });

  test.each(operations.filter(({ text }) => !isLive(text)))("$place", async ({ text, settings }) => {
    const answer = await graph.ask(text, {}, await token(settings.as));
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toBeTruthy();
  });

  test.each(operations.filter(({ text }) => isLive(text)))("$place", async ({ text, settings }) => {
    const client = graph.socket(await token(settings.as));
    const events = client.iterate({ query: text, variables: { dashboard: carbonDashboardId } });
    const changer = await token("priya");
    let isHeard = false;
    const first = events.next().finally(() => {
      isHeard = true;
    });
    // Nobody says when it listens, so something changes until it has heard of it.
    while (!isHeard) {
      const changed = await graph.ask(changeTheDashboard, {}, changer);
      expect(changed.errors).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const { value } = await first;
    expect(value?.errors).toBeUndefined();
    expect(value?.data).toBeTruthy();
    await client.dispose();
  });

  test.each(blocks.filter(({ language }) => language === "js"))("$place", { timeout: 90_000 }, async (block) => {
    const text = block.text.replaceAll("localhost:4000", new URL(graph.url).host);
    const changer = await token("priya");
    let isOver = false;
    const running = runScript(text, { TOKEN: (await token(block.settings.as)) ?? "" }).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await graph.ask(changeTheDashboard, {}, changer);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const { code, output } = await running;
    expect(code, output).toBe(0);
    expect(output.length).toBeGreaterThan(0);
  });
});

describe("every command in the documentation works", () => {
  const commands = blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ place, text }) => text.split("\n").map((command) => ({ place, command: command.trim() })))
    .filter(({ command }) => command !== "");

  test.each(commands.filter(({ command }) => command in runElsewhere))(
    "$command has a test of its own",
    ({ command }) => {
      expect(existsSync(join(root, runElsewhere[command] ?? ""))).toBe(true);
    },
  );

  const itself = commands.filter(({ command }) => !(command in runElsewhere));
  test.each(itself)("$place: $command", { timeout: 150_000 }, ({ command }) => {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
      cwd: root,
      encoding: "utf8",
      timeout: 120_000,
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
    expect(stdout.length).toBeGreaterThan(0);
  });
});
