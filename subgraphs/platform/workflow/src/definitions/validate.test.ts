import { builtInRoles } from "@tessera/shared-types";
import { describe, expect, test } from "vitest";
import type { Definition } from "./definition.js";
import { checkDefinition, type Surroundings } from "./validate.js";

const everything = new Set(builtInRoles.find(({ key }) => key === "owner")?.scopes);
const anybody: Surroundings = {
  ...{ scopes: everything, key: "onboarding" },
  ...{ workflows: new Map([["dunning", []]]), people: new Set(["0198a5a0-0000-7000-8000-00000000000a"]) },
  refusals: new Map(),
};

type Change = Partial<Record<keyof Definition, unknown>>;
const mutation = "mutation ($name: String!) { createDashboard(name: $name) { id } }";
const undo = {
  type: "graphql",
  operation: "mutation ($id: ID!) { deleteDashboard(id: $id) }",
  variables: { id: "$result.id" },
};
const create = {
  id: "create",
  type: "graphql",
  operation: mutation,
  variables: { name: "$input.name" },
  undo,
  next: "tell",
};
const tell = { id: "tell", type: "http", method: "GET", url: "'https://example.org/' & $steps.create.id" };
const good = {
  kind: "SAGA",
  inputs: { type: "object", properties: { name: { type: "string" }, items: { type: "array" } }, required: ["name"] },
  scopes: ["analytics:write"],
  steps: [create, tell],
};
const check = (change: Change = {}, surroundings: Partial<Surroundings> = {}) =>
  checkDefinition({ ...good, ...change }, { ...anybody, ...surroundings }).findings;
const codes = (change: Change = {}, surroundings: Partial<Surroundings> = {}) =>
  check(change, surroundings).map(({ code, pointer }) => `${code} ${pointer}`);
const steps = (...list: object[]): Change => ({ kind: "WORKFLOW", steps: list });
const wait = (id: string, more: object = {}) => ({ id, type: "wait", wait: { seconds: "1" }, ...more });
const task = (more: object = {}) => ({
  id: "t",
  type: "task",
  title: "'Do it'",
  assignTo: { role: "analyst" },
  ...more,
});
const loop = (inner: object, more: object = {}) => ({
  id: "each",
  type: "loop",
  over: "$input.items",
  steps: [inner],
  ...more,
});
const query = (operation: string, variables: object = {}) => ({ id: "ask", type: "graphql", operation, variables });
const condition = (branches: object[], otherwise: object = {}) => ({
  id: "which",
  type: "condition",
  branches,
  otherwise,
});

test("people named outright are members; those an expression gives are not known yet", () => {
  const member = "'0198A5A0-0000-7000-8000-00000000000a'";
  const approvers = [{ role: "owner" }, { person: "'nobody'" }];
  const asked = { id: "a", type: "approval", title: "'May we?'", approvers, rule: "ANY" };
  expect(codes(steps(task({ assignTo: { person: member } })))).toEqual([]);
  expect(codes(steps(task({ assignTo: { person: "$execution.startedBy" } })))).toEqual([]);
  expect(codes(steps(task({ assignTo: { person: "'nobody'" }, next: "a" }), asked))).toEqual([
    "PERSON_UNKNOWN /steps/0/assignTo/person",
    "PERSON_UNKNOWN /steps/1/approvers/1/person",
  ]);
});

test("a definition that is right has no findings", () => {
  expect(check()).toEqual([]);
});

test("every kind of step, wired rightly, has no findings", () => {
  const approval = {
    id: "ok",
    type: "approval",
    title: "'OK?'",
    approvers: [{ role: "owner" }, { person: "$execution.startedBy" }],
    rule: { quorum: 1 },
    next: "split",
    rejected: "end",
  };
  const split = {
    id: "split",
    type: "parallel",
    next: "each",
    branches: [
      {
        id: "left",
        steps: [
          wait("l1", { next: "l2" }),
          { id: "l2", type: "workflow", workflow: "dunning", input: { a: "$steps.l1" } },
        ],
      },
      {
        id: "right",
        steps: [
          { id: "r1", type: "wait", wait: { event: "billing.invoice.paid", where: "$event.payload.id = $input.name" } },
        ],
      },
    ],
  };
  const each = loop(query("query ($id: ID!) { dashboard(id: $id) { id } }", { id: "$item.id & $index" }), {
    next: "which",
  });
  const which = condition([{ when: "$count($steps.each) > 1", next: "ask2" }], { next: "end" });
  const ask2 = task({
    id: "ask2",
    form: { type: "object" },
    deadline: { withinSeconds: 60, warnSeconds: 10 },
    output: "$result.reading",
    next: "end",
  });
  const end = wait("end", { wait: { until: "$now()" } });
  const triggers = [
    {
      id: "nightly",
      type: "schedule",
      cron: "30 2 * * 1-5",
      timeZone: "Europe/Berlin",
      input: { name: "$event.firedAt" },
    },
    { id: "paid", type: "event", event: "billing.invoice.paid", where: "$event.payload.amount > 5" },
    { id: "hook", type: "webhook", input: { name: "$event.body.name" } },
  ];
  const findings = check({
    kind: "WORKFLOW",
    triggers,
    output: "$steps.each",
    steps: [approval, split, each, which, ask2, end],
  });
  expect(findings.filter(({ severity }) => severity === "ERROR")).toEqual([]);
});

describe("what is wrong is said with a code and a place:", () => {
  test.each<[string, Change, string]>([
    ["another form", { kind: "PARTY" }, "SHAPE_INVALID /kind"],
    ["a property that is not known", steps({ ...wait("a"), color: "red" }), "SHAPE_INVALID /steps/0"],
    ["no steps", { steps: [] }, "SHAPE_INVALID /steps"],
    ["an id twice", steps(wait("a", { next: "a" }), wait("a")), "ID_DUPLICATE /steps/1/id"],
    [
      "an id twice, within a loop",
      steps(wait("a", { next: "each" }), loop(wait("a"))),
      "ID_DUPLICATE /steps/1/steps/0/id",
    ],
    ["a next step that is not there", steps(wait("a", { next: "b" })), "NEXT_UNKNOWN /steps/0/next"],
    [
      "a next step of another block",
      steps(loop(wait("a", { next: "b" }), { next: "b" }), wait("b")),
      "NEXT_UNKNOWN /steps/0/steps/0/next",
    ],
    ["a branch to nowhere", steps(condition([{ when: "true", next: "x" }])), "NEXT_UNKNOWN /steps/0/branches/0/next"],
    ["a step no path leads to", steps(wait("a"), wait("b")), "STEP_UNREACHABLE /steps/1"],
    ["a circle", steps(wait("a", { next: "b" }), wait("b", { next: "a" })), "STEPS_IN_CIRCLE /steps/0"],
    ["a step that leads to itself", steps(wait("a", { next: "a" })), "STEPS_IN_CIRCLE /steps/0"],
    ["effects of a saga without undo", { steps: [{ ...create, undo: undefined }, tell] }, "UNDO_MISSING /steps/0"],
    [
      "an HTTP effect of a saga without undo",
      { steps: [create, { ...tell, method: "POST" }] },
      "UNDO_MISSING /steps/1",
    ],
    [
      "an expression that does not parse",
      steps(wait("a", { wait: { seconds: "1 +" } })),
      "EXPRESSION_INVALID /steps/0/wait/seconds",
    ],
    [
      "a variable that is not there",
      steps(wait("a", { wait: { seconds: "$secret" } })),
      "VARIABLE_UNKNOWN /steps/0/wait/seconds",
    ],
    [
      "an item outside of a loop",
      steps(wait("a", { wait: { seconds: "$item" } })),
      "VARIABLE_UNKNOWN /steps/0/wait/seconds",
    ],
    [
      "a result before it is there",
      steps(wait("a", { wait: { seconds: "$result" } })),
      "VARIABLE_UNKNOWN /steps/0/wait/seconds",
    ],
    [
      "text that would be evaluated",
      steps(wait("a", { wait: { seconds: "$eval('1')" } })),
      "VARIABLE_UNKNOWN /steps/0/wait/seconds",
    ],
    [
      "a name that is bound anew",
      steps(wait("a", { wait: { seconds: "($input := 1; $input)" } })),
      "VARIABLE_REBOUND /steps/0/wait/seconds",
    ],
    [
      "the output of no step",
      steps(wait("a", { wait: { seconds: "$steps.b.x" } })),
      "STEP_UNKNOWN /steps/0/wait/seconds",
    ],
    [
      "the output of a later step",
      steps(wait("a", { next: "b", wait: { seconds: "$steps.b.x" } }), wait("b")),
      "STEP_NOT_BEFORE /steps/0/wait/seconds",
    ],
    [
      "the output of a step within another block",
      steps(loop(wait("a"), { next: "b" }), wait("b", { wait: { seconds: "$steps.a" } })),
      "STEP_UNKNOWN /steps/1/wait/seconds",
    ],
    [
      "an input that is not declared",
      steps(wait("a", { wait: { seconds: "$input.delay" } })),
      "INPUT_UNDECLARED /steps/0/wait/seconds",
    ],
    ["inputs that are no schema", { inputs: { type: "array" } }, "INPUTS_INVALID /inputs"],
    ["a form that is no schema", steps(task({ form: { type: "letter" } })), "FORM_INVALID /steps/0/form"],
    ["an operation that does not parse", steps(query("query {")), "OPERATION_INVALID /steps/0/operation"],
    ["two operations", steps(query("query A { a } query B { b }")), "OPERATION_NOT_ONE /steps/0/operation"],
    ["a type instead of an operation", steps(query("type A { b: C }")), "OPERATION_NOT_ONE /steps/0/operation"],
    ["a subscription", steps(query("subscription { a }")), "OPERATION_SUBSCRIPTION /steps/0/operation"],
    [
      "a variable that is missing",
      steps(query("query ($id: ID!) { a(id: $id) }")),
      "OPERATION_VARIABLE_MISSING /steps/0/operation",
    ],
    ["a variable nobody declared", steps(query("{ a(id: $id) }")), "OPERATION_VARIABLE_UNDECLARED /steps/0/operation"],
    [
      "a variable the operation has not",
      steps(query("{ a }", { b: "1" })),
      "OPERATION_VARIABLE_UNKNOWN /steps/0/variables/b",
    ],
    [
      "an undo that does not parse",
      { steps: [{ ...create, undo: { ...undo, operation: "{" } }, tell] },
      "OPERATION_INVALID /steps/0/undo/operation",
    ],
    ["no scopes for an operation", { scopes: [] }, "SCOPES_MISSING /scopes"],
    ["a scope that is none", { scopes: ["weather:read"] }, "SCOPE_UNKNOWN /scopes/0"],
    [
      "a schedule that is none",
      { triggers: [{ id: "n", type: "schedule", cron: "99 * * * *", timeZone: "UTC" }] },
      "CRON_INVALID /triggers/0/cron",
    ],
    [
      "a schedule with seconds",
      { triggers: [{ id: "n", type: "schedule", cron: "* * * * * *", timeZone: "UTC" }] },
      "CRON_INVALID /triggers/0/cron",
    ],
    [
      "a schedule that never comes",
      { triggers: [{ id: "n", type: "schedule", cron: "0 0 31 2 *", timeZone: "UTC" }] },
      "CRON_INVALID /triggers/0/cron",
    ],
    [
      "a time zone that is none",
      { triggers: [{ id: "n", type: "schedule", cron: "0 0 * * *", timeZone: "Mars/Olympus" }] },
      "TIME_ZONE_UNKNOWN /triggers/0/timeZone",
    ],
    [
      "a trigger twice",
      {
        triggers: [
          { id: "n", type: "webhook" },
          { id: "n", type: "webhook" },
        ],
      },
      "ID_DUPLICATE /triggers/1/id",
    ],
    [
      "an event nobody publishes",
      steps(wait("a", { wait: { event: "nothing.happened" } })),
      "EVENT_UNKNOWN /steps/0/wait/event",
    ],
    [
      "more approvals than approvers",
      steps({ id: "a", type: "approval", title: "'x'", approvers: [{ role: "owner" }], rule: { quorum: 2 } }),
      "QUORUM_TOO_LARGE /steps/0/rule/quorum",
    ],
    [
      "a warning before it begins",
      steps(task({ deadline: { withinSeconds: 5, warnSeconds: 5 } })),
      "WARNING_TOO_EARLY /steps/0/deadline/warnSeconds",
    ],
    [
      "a workflow within itself",
      steps({ id: "a", type: "workflow", workflow: "onboarding" }),
      "WORKFLOW_CALLS_ITSELF /steps/0/workflow",
    ],
    [
      "a workflow that is not published",
      steps({ id: "a", type: "workflow", workflow: "nothing" }),
      "WORKFLOW_UNKNOWN /steps/0/workflow",
    ],
  ])("%s", (_, change, expected) => {
    expect(codes(change)).toContain(expected);
  });

  test("a scope that the author does not hold, which the same author may leave out", () => {
    expect(codes({}, { scopes: new Set(["workflow:write"]) })).toEqual(["SCOPE_NOT_HELD /scopes/0"]);
    expect(codes({}, { scopes: new Set(["analytics:write"]) })).toEqual([]);
  });

  test("a workflow within itself through two others", () => {
    const workflows = new Map([
      ["b", ["c"]],
      ["c", ["onboarding"]],
    ]);
    const findings = codes(steps({ id: "a", type: "workflow", workflow: "b" }), { workflows });
    expect(findings).toEqual(["WORKFLOW_CALLS_ITSELF /steps/0/workflow"]);
  });

  test("each with the step it is about and a sentence without holes", () => {
    const [finding] = check({ steps: [{ ...create, undo: undefined }, tell] });
    expect(finding).toMatchObject({ stepId: "create", severity: "ERROR" });
    expect(finding?.message).not.toMatch(/[{}]/);
  });
});

describe("limits hold:", () => {
  test("blocks stand six deep at most", () => {
    const nest = (depth: number): object =>
      depth === 1 ? wait("inner") : loop(nest(depth - 1), { id: `loop${depth}` });
    expect(check(steps(nest(6)))).toEqual([]);
    expect(codes(steps(nest(7)))).toContainEqual(expect.stringMatching(/^TOO_DEEP /));
  });

  test("there are two hundred steps at most, however they are nested", () => {
    const branch = (name: string, count: number) => ({
      id: name,
      steps: Array.from({ length: count }, (_, n) =>
        wait(`${name}${n}`, n + 1 < count ? { next: `${name}${n + 1}` } : {}),
      ),
    });
    const both = (count: number) =>
      steps({ id: "both", type: "parallel", branches: [branch("a", count), branch("b", 99)] });
    expect(check(both(100))).toEqual([]);
    expect(codes(both(101))).toEqual(["TOO_MANY_STEPS /steps"]);
  });

  test("the largest definition is checked in a few seconds at most", () => {
    const last = 199;
    const list = Array.from({ length: last + 1 }, (_, n) =>
      wait(`s${n}`, {
        ...(n < last && { next: `s${n + 1}` }),
        ...(n > 0 && { wait: { seconds: `$steps.s${n - 1} + $steps.s0` } }),
      }),
    );
    const before = performance.now();
    expect(check(steps(...list))).toEqual([]);
    expect(performance.now() - before).toBeLessThan(3_000);
  });

  test("a large or deep document is refused before it is looked at", () => {
    const large = checkDefinition({ ...good, output: "x".repeat(300_000) }, anybody);
    expect(large.findings.map(({ code }) => code)).toEqual(["DEFINITION_TOO_LARGE"]);
    const deep = checkDefinition(JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`), anybody);
    expect(deep.findings.map(({ code }) => code)).toEqual(["TOO_DEEP"]);
  });
});
