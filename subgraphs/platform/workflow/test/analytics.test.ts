import { randomUUID } from "node:crypto";
import type { TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPlace, type Place, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const analytics = `query ($id: ID!, $from: DateTime!, $to: DateTime!, $version: Int) {
  workflowDefinition(id: $id) {
    analytics(from: $from, to: $to, version: $version) {
      started completed failed running successRate late
      duration { p50 p90 p95 p99 mean longest }
      bottleneck { stepId share waits }
      steps { stepId type runs failures totalSeconds share waits duration { p50 longest } }
    }
  }
}`;
const january = { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" };
const begin = Date.parse("2026-01-05T09:00:00Z");
const at = (seconds: number) => new Date(begin + seconds * 1000);

interface Published {
  readonly place: Place;
  readonly id: string;
  readonly versions: readonly string[];
}

async function published(count = 1): Promise<Published> {
  const place = newPlace();
  const content = { steps: [{ id: "pause", type: "wait", wait: { seconds: "1" } }] };
  const i = { key: "order", name: "Order", content };
  const { createWorkflow } = await subgraph
    .as(place.manager)
    .data("mutation ($i: CreateWorkflowInput!) { createWorkflow(input: $i) { id } }", { i });
  const id: string = createWorkflow.id;
  const versions: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    if (number > 1)
      await subgraph
        .as(place.manager)
        .data("mutation ($id: ID!, $c: JSON!) { saveWorkflowDraft(definitionId: $id, content: $c) { id } }", {
          id,
          c: content,
        });
    const { publishWorkflow } = await subgraph
      .as(place.manager)
      .data("mutation ($id: ID!) { publishWorkflow(definitionId: $id) { id } }", { id });
    versions.push(publishWorkflow.id);
  }
  return { place, id, versions };
}

interface Run {
  readonly seconds: number | null;
  readonly state?: string;
  readonly due?: number;
  readonly version?: number;
  readonly steps?: readonly (readonly [id: string, type: string, seconds: number, state?: string])[];
}

/** Executions as they would stand there after having run. */
async function ran(
  { place, id, versions }: Published,
  { seconds, state = "COMPLETED", due, version = 0, steps = [] }: Run,
): Promise<void> {
  const sql = subgraph.runtime.database.admin;
  const executionId = randomUUID();
  const finished = seconds === null ? null : at(seconds);
  await sql`insert into workflow.executions (id, tenant_id, definition_id, version_id, kind, state, input, started_at, finished_at, due_at)
    values (${executionId}, ${place.tenantId}, ${id}, ${versions[version] as string}, 'WORKFLOW', ${state}, '{}', ${at(0)}, ${finished}, ${due === undefined ? null : at(due)})`;
  for (const [stepId, type, took, stepState = "COMPLETED"] of steps)
    await sql`insert into workflow.steps (id, tenant_id, execution_id, path, step_id, type, name, state, started_at, finished_at)
      values (${randomUUID()}, ${place.tenantId}, ${executionId}, ${`${stepId}-${randomUUID()}`}, ${stepId}, ${type}, ${stepId}, ${stepState}, ${at(0)}, ${at(took)})`;
}
const ask = async ({ place, id }: Published, more: object = {}) =>
  (await subgraph.as(place.viewer).data(analytics, { id, ...january, ...more })).workflowDefinition.analytics;

describe("analytics of a workflow", () => {
  // quantile(c(15, 20, 35, 40, 50), type = 7) in R: 35, 46, 48, 49.6.
  test("give percentiles as PERCENTILE_CONT interpolates them", async () => {
    const workflow = await published();
    for (const seconds of [40, 15, 50, 20, 35]) await ran(workflow, { seconds });
    const { duration } = await ask(workflow);
    expect(duration.p50).toBeCloseTo(35, 9);
    expect(duration.p90).toBeCloseTo(46, 9);
    expect(duration.p95).toBeCloseTo(48, 9);
    expect(duration.p99).toBeCloseTo(49.6, 9);
    expect(duration).toMatchObject({ mean: 32, longest: 50 });
  });

  test("count what completed, failed and is late, and leave failures out of durations", async () => {
    const workflow = await published();
    await ran(workflow, { seconds: 10, due: 20 });
    await ran(workflow, { seconds: 30, due: 20 });
    await ran(workflow, { seconds: 500, state: "UNDONE" });
    await ran(workflow, { seconds: null, state: "RUNNING", due: 20 });
    expect(await ask(workflow)).toMatchObject({
      started: 4,
      completed: 2,
      failed: 1,
      running: 1,
      successRate: 2 / 3,
      late: 2,
      duration: { longest: 30, mean: 20 },
    });
  });

  test("name the step in which most time was spent, where a block is not counted beside what is in it", async () => {
    const workflow = await published();
    const steps = [
      ["charge", "HTTP", 5],
      ["charge", "HTTP", 7, "FAILED"],
      ["sign", "APPROVAL", 60],
      ["each", "LOOP", 900],
      ["send", "GRAPHQL", 28],
    ] as const;
    await ran(workflow, { seconds: 900, steps });
    const figures = await ask(workflow);
    expect(figures.bottleneck).toEqual({ stepId: "sign", share: 0.6, waits: true });
    expect(
      figures.steps.map(({ stepId, runs, failures, totalSeconds, share }: Record<string, unknown>) => [
        stepId,
        runs,
        failures,
        totalSeconds,
        share,
      ]),
    ).toEqual([
      ["each", 1, 0, 900, 0],
      ["sign", 1, 0, 60, 0.6],
      ["send", 1, 0, 28, 0.28],
      ["charge", 2, 1, 12, 0.12],
    ]);
  });

  test("are of one version when asked so, and of the period in which executions began", async () => {
    const workflow = await published(2);
    await ran(workflow, { seconds: 10, version: 0 });
    await ran(workflow, { seconds: 30, version: 1 });
    expect(await ask(workflow)).toMatchObject({ started: 2, duration: { mean: 20 } });
    expect(await ask(workflow, { version: 2 })).toMatchObject({ started: 1, duration: { mean: 30 } });
    expect(await ask(workflow, { from: "2026-01-06T00:00:00Z" })).toMatchObject({ started: 0 });
  });

  test("are empty, not wrong, where nothing ran", async () => {
    expect(await ask(await published())).toEqual({
      started: 0,
      completed: 0,
      failed: 0,
      running: 0,
      successRate: null,
      late: 0,
      duration: null,
      bottleneck: null,
      steps: [],
    });
  });

  test("refuse a period that ends before it begins, and show nothing to another organization", async () => {
    const workflow = await published();
    const variables = { id: workflow.id, from: january.to, to: january.from };
    expect(await subgraph.as(workflow.place.viewer).error(analytics, variables)).toMatchObject({
      code: "RANGE_INVALID",
    });
    expect(await subgraph.as(newPlace().owner).data(analytics, { id: workflow.id, ...january })).toEqual({
      workflowDefinition: null,
    });
  });
});
