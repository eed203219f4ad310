import { join } from "node:path";
import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { compareWithPublished } from "../src/journey/check-result.js";
import { runJourney } from "../src/journey/run-journey.js";
import { makeDataFolder, repository, type Server, startServer } from "./system/server.js";

const journeyMs = 180_000;
const file = join(repository, "subgraphs/esg/ghg-calculator/demo/site-activity-2024.csv");
let data: Awaited<ReturnType<typeof makeDataFolder>>;
let redis: TestRedis;
let server: Server | undefined;

beforeAll(async () => {
  redis = await startTestRedis();
}, journeyMs);
afterAll(() => redis.close());
beforeEach(async () => {
  data = await makeDataFolder();
});
afterEach(async () => {
  server?.child.kill("SIGINT");
  await server?.ended;
  await data.remove();
}, journeyMs);

async function travel(args: string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  server = startServer({ args: ["--port", "0", "--data", data.folder, ...args], env });
  const lines: string[] = [];
  await runJourney({ url: await server.ready(), file, print: (line) => lines.push(line) });
  return lines;
}

function expectWholeStory(lines: string[]): void {
  expect(lines).toContainEqual("Imported 15 of 15 rows of site-activity-2024.csv");
  expect(lines).toContainEqual("All 40 figures equal the published ones");
  expect(lines.at(-1)).toMatch(
    /^Live update of "Carbon overview" \(identity: "Thistlemoor Foods Group", ghg-calculator: .* analytics: /,
  );
}

test("activity data becomes a live dashboard, all in one process", { timeout: journeyMs }, async () => {
  expectWholeStory(await travel([], {}));
});

test("activity data becomes a live dashboard, one process per subgraph over Redis", {
  timeout: journeyMs,
}, async () => {
  expectWholeStory(await travel(["--distributed"], { REDIS_URL: redis.url }));
});

test("a figure that differs in the last digit is found, and so is one that is missing", () => {
  const result = {
    scope2Location: "207050.0000001",
    scope2Market: "82820",
    scope3Categories: [],
    lines: { nodes: [] },
  };
  const wrong = compareWithPublished(result).filter(({ expected, actual }) => expected !== actual);
  expect(wrong).toContainEqual({ what: "scope2Location", expected: "207050", actual: "207050.0000001" });
  expect(wrong).toContainEqual({ what: "scope 3 category 4", expected: "9752", actual: null });
  expect(wrong.map(({ what }) => what)).not.toContain("scope2Market");
});
