import type { Client, Person, TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hire } from "./staff/staff.js";
import { newPlace, type Place, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const as = (person: Person): Client => subgraph.as(person);
const version = "id number state content findings { code pointer severity stepId message }";
const create =
  "mutation ($i: CreateWorkflowInput!) { createWorkflow(input: $i) { id key draft { number state } published { id } } }";
const save = `mutation ($id: ID!, $c: JSON!) { saveWorkflowDraft(definitionId: $id, content: $c) { ${version} } }`;
const publish = `mutation ($id: ID!) { publishWorkflow(definitionId: $id) { ${version} publishedBy { id } } }`;
const retire =
  "mutation ($id: ID!) { retireWorkflow(definitionId: $id) { published { id } versions { number state } } }";
const discard = "mutation ($id: ID!) { discardWorkflowDraft(definitionId: $id) { draft { id } versions { number } } }";
const read = `query ($id: ID!) { workflowDefinition(id: $id) { key draft { number } published { number } versions { number state } organization { id } } }`;
const importing = `mutation ($key: String!, $xml: String!) { importBpmn(key: $key, xml: $xml) { ${version} bpmn definition { id key name } } }`;

const wait = (seconds = "1", more = {}) => ({ steps: [{ id: "pause", type: "wait", wait: { seconds } }], ...more });
async function workflow(place: Place, content: object = wait(), key = "nightly.report"): Promise<string> {
  const i = { key, name: "Nightly report", content };
  return (await as(place.analyst).data(create, { i })).createWorkflow.id;
}

describe("a workflow", () => {
  test("goes from draft to published to retired, one version after the other", async () => {
    const place = newPlace();
    const id = await workflow(place);
    const { publishWorkflow } = await as(place.manager).data(publish, { id });
    expect(publishWorkflow).toMatchObject({ number: 1, state: "PUBLISHED", publishedBy: { id: place.manager.id } });
    expect((await as(place.analyst).data(save, { id, c: wait("2") })).saveWorkflowDraft).toMatchObject({
      number: 2,
      state: "DRAFT",
    });
    await as(place.manager).data(publish, { id });
    const { workflowDefinition } = await as(place.viewer).data(read, { id });
    expect(workflowDefinition).toMatchObject({
      draft: null,
      published: { number: 2 },
      organization: { id: place.tenantId },
    });
    expect(workflowDefinition.versions).toEqual([
      { number: 2, state: "PUBLISHED" },
      { number: 1, state: "RETIRED" },
    ]);
    expect((await as(place.manager).data(retire, { id })).retireWorkflow.published).toBeNull();
    expect(await as(place.manager).error(retire, { id })).toMatchObject({ code: "NOT_PUBLISHED" });
  });

  describe("that names a person", () => {
    const check = (id: string) => ({
      steps: [{ id: "check", type: "task", title: "'Check'", assignTo: { person: `'${id}'` } }],
    });

    test("is published only where that person works", async () => {
      const place = newPlace();
      await hire(subgraph.runtime.database, place.analyst, newPlace().analyst);
      const id = await workflow(place, check(place.viewer.id));
      const finding = { code: "PERSON_UNKNOWN", pointer: "/steps/0/assignTo/person", stepId: "check" };
      const refused = await as(place.manager).error(publish, { id });
      expect(refused).toMatchObject({ code: "DEFINITION_INVALID", details: { findings: [finding] } });
      const { saveWorkflowDraft } = await as(place.analyst).data(save, { id, c: check(place.analyst.id) });
      expect(saveWorkflowDraft.findings).toEqual([]);
      expect((await as(place.manager).data(publish, { id })).publishWorkflow.state).toBe("PUBLISHED");
    });

    test("is published as it was checked: not when the draft was changed meanwhile", async () => {
      const place = newPlace();
      const { admin } = subgraph.runtime.database;
      await hire(subgraph.runtime.database, place.analyst);
      const id = await workflow(place, check(place.analyst.id));
      const publishing = await admin.begin(async (sql) => {
        await sql`lock table staff.member in access exclusive mode`;
        const refused = as(place.manager).error(publish, { id });
        const waiting = async () =>
          (await sql`select 1 from pg_locks where not granted and relation = 'staff.member'::regclass`).length;
        await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0);
        await as(place.analyst).data(save.replace("findings { code pointer severity stepId message }", ""), {
          id,
          c: wait(),
        });
        return { refused };
      });
      expect(await publishing.refused).toMatchObject({ code: "DRAFT_CHANGED" });
      expect((await as(place.manager).data(publish, { id })).publishWorkflow.content.steps[0].id).toBe("pause");
    });
  });

  test("is drafted by an analyst, published by a manager, only read by a viewer", async () => {
    const place = newPlace();
    const id = await workflow(place);
    expect(await as(place.analyst).error(publish, { id })).toMatchObject({ code: "FORBIDDEN" });
    expect(await as(place.viewer).error(save, { id, c: wait() })).toMatchObject({ code: "FORBIDDEN" });
    expect((await as(place.viewer).data(read, { id })).workflowDefinition.key).toBe("nightly.report");
    expect((await as(place.manager).data(publish, { id })).publishWorkflow.state).toBe("PUBLISHED");
  });

  test("may be drafted wrongly, with findings, and is then not published", async () => {
    const place = newPlace();
    const id = await workflow(place, { steps: [{ id: "a", type: "wait", wait: { seconds: "$nothing" }, next: "b" }] });
    const { workflowDefinition } = await as(place.viewer).data(
      `query ($id: ID!) { workflowDefinition(id: $id) { draft { ${version} } } }`,
      { id },
    );
    expect(
      workflowDefinition.draft.findings.map(({ code, pointer }: Record<string, string>) => `${code} ${pointer}`),
    ).toEqual(["NEXT_UNKNOWN /steps/0/next", "VARIABLE_UNKNOWN /steps/0/wait/seconds"]);
    expect(await as(place.manager).error(publish, { id })).toMatchObject({
      code: "DEFINITION_INVALID",
      details: { count: 2 },
    });
    await as(place.analyst).data(save, { id, c: wait() });
    expect((await as(place.manager).data(publish, { id })).publishWorkflow.findings).toEqual([]);
    expect(await as(place.manager).error(publish, { id })).toMatchObject({ code: "DRAFT_NOT_FOUND" });
  });

  test("has no scope that who publishes it does not hold", async () => {
    const place = newPlace();
    const id = await workflow(place, wait("1", { scopes: ["analytics:admin"] }));
    expect(await as(place.manager).error(publish, { id })).toMatchObject({ code: "DEFINITION_INVALID" });
    expect((await as(place.owner).data(publish, { id })).publishWorkflow.state).toBe("PUBLISHED");
  });

  test("discards its draft, and keeps what was published", async () => {
    const place = newPlace();
    const id = await workflow(place);
    await as(place.manager).data(publish, { id });
    await as(place.analyst).data(save, { id, c: wait("9") });
    expect((await as(place.analyst).data(discard, { id })).discardWorkflowDraft).toEqual({
      draft: null,
      versions: [{ number: 1 }],
    });
    expect(await as(place.analyst).error(discard, { id })).toMatchObject({ code: "DRAFT_NOT_FOUND" });
  });

  test("has a key of its own within the organization, which another one may use as well", async () => {
    const [place, other] = [newPlace(), newPlace()];
    await workflow(place);
    const i = { key: "nightly.report", name: "n", content: wait() };
    expect(await as(place.analyst).error(create, { i })).toMatchObject({ code: "WORKFLOW_KEY_TAKEN" });
    expect((await as(other.analyst).data(create, { i })).createWorkflow.key).toBe("nightly.report");
    for (const key of ["", "Big", "a b", ".a", "a".repeat(101)])
      expect(await as(place.analyst).error(create, { i: { ...i, key } })).toMatchObject({
        code: "WORKFLOW_KEY_INVALID",
      });
    expect(await as(place.analyst).error(create, { i: { ...i, key: "other", name: " " } })).toMatchObject({
      code: "NAME_INVALID",
    });
  });

  test("of another organization is not there, and cannot be changed", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const id = await workflow(place);
    expect(await as(other.owner).data(read, { id })).toEqual({ workflowDefinition: null });
    expect(await as(other.owner).entity("WorkflowDefinition", id, "key")).toBeNull();
    for (const operation of [publish, retire, discard])
      expect(await as(other.owner).error(operation, { id })).toMatchObject({ code: "WORKFLOW_NOT_FOUND" });
    expect(await as(other.owner).error(save, { id, c: wait() })).toMatchObject({ code: "WORKFLOW_NOT_FOUND" });
  });

  test("is published once by many who do so at the same moment", async () => {
    const place = newPlace();
    const id = await workflow(place);
    const results = await Promise.all(Array.from({ length: 6 }, () => as(place.manager).run(publish, { id })));
    expect(results.filter(({ errors }) => !errors)).toHaveLength(1);
  });

  test("too large, too deep or no object is refused", async () => {
    const place = newPlace();
    const id = await workflow(place);
    expect(await as(place.analyst).error(save, { id, c: wait("x".repeat(300_000)) })).toMatchObject({
      code: "DEFINITION_TOO_LARGE",
    });
    const deep = JSON.parse(`${'{"a":'.repeat(500)}1${"}".repeat(500)}`);
    expect(await as(place.analyst).error(save, { id, c: deep })).toMatchObject({ code: "DEFINITION_TOO_LARGE" });
    expect(await as(place.analyst).error(save, { id, c: [1] })).toMatchObject({ code: "DEFINITION_NOT_AN_OBJECT" });
  });
});

describe("sub-workflows", () => {
  const calls = (key: string) => ({ steps: [{ id: "call", type: "workflow", workflow: key }] });

  test("have to be published before", async () => {
    const place = newPlace();
    const outer = await workflow(place, calls("inner"), "outer");
    const inner = await workflow(place, wait(), "inner");
    expect((await as(place.manager).error(publish, { id: outer })).message).toContain("No workflow inner is published");
    await as(place.manager).data(publish, { id: inner });
    expect((await as(place.manager).data(publish, { id: outer })).publishWorkflow.state).toBe("PUBLISHED");
  });

  test("never lead back to the workflow that calls them", async () => {
    const place = newPlace();
    const a = await workflow(place, wait(), "a");
    const b = await workflow(place, calls("a"), "b");
    await as(place.manager).data(publish, { id: a });
    await as(place.manager).data(publish, { id: b });
    const { saveWorkflowDraft } = await as(place.analyst).data(save, { id: a, c: calls("b") });
    expect(saveWorkflowDraft.findings).toMatchObject([
      { code: "WORKFLOW_CALLS_ITSELF", pointer: "/steps/0/workflow", stepId: "call" },
    ]);
  });
});

describe("BPMN", () => {
  test("of a workflow, imported under another key, is the same definition", async () => {
    const place = newPlace();
    const content = { ...wait("60"), inputs: { type: "object", properties: { a: { type: "string" } } } };
    const id = await workflow(place, content);
    const { workflowDefinition } = await as(place.viewer).data(
      "query ($id: ID!) { workflowDefinition(id: $id) { draft { bpmn } } }",
      { id },
    );
    const { importBpmn } = await as(place.analyst).data(importing, { key: "copy", xml: workflowDefinition.draft.bpmn });
    expect(importBpmn).toMatchObject({
      number: 1,
      state: "DRAFT",
      findings: [],
      definition: { key: "copy", name: "Nightly report" },
    });
    expect(importBpmn.content).toMatchObject(content);
    const again = await as(place.analyst).data(importing, { key: "copy", xml: importBpmn.bpmn });
    expect(again.importBpmn.definition.id).toBe(importBpmn.definition.id);
  });

  test("that is not supported is refused with its place, and stores nothing", async () => {
    const place = newPlace();
    const xml =
      '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">\n<scriptTask id="evil"/></process></definitions>';
    const error = await as(place.analyst).error(importing, { key: "bad", xml });
    expect(error).toMatchObject({ code: "BPMN_UNSUPPORTED", details: { id: "evil", line: 2 } });
    expect(await as(place.viewer).data('{ workflowDefinitionByKey(key: "bad") { id } }')).toEqual({
      workflowDefinitionByKey: null,
    });
    expect(await as(place.viewer).error(importing, { key: "x", xml })).toMatchObject({ code: "FORBIDDEN" });
  });
});

test("a definition is checked without being stored, for who asks", async () => {
  const place = newPlace();
  const validate = "query ($c: JSON!) { validateWorkflow(content: $c) { code severity } }";
  expect((await as(place.viewer).data(validate, { c: wait() })).validateWorkflow).toEqual([]);
  const { validateWorkflow } = await as(place.viewer).data(validate, { c: wait("1", { scopes: ["analytics:write"] }) });
  expect(validateWorkflow).toEqual([{ code: "SCOPE_NOT_HELD", severity: "ERROR" }]);
});

test("the organization lists its workflows by name, page by page", async () => {
  const place = newPlace();
  for (const key of ["c", "a", "b"]) await as(place.analyst).data(create, { i: { key, name: key, content: wait() } });
  const list =
    "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { workflows(first: 2) { totalCount nodes { key } pageInfo { hasNextPage } } } } }";
  const { _entities } = await as(place.viewer).data(list, { r: [{ __typename: "Organization", id: place.tenantId }] });
  expect(_entities[0].workflows).toEqual({
    totalCount: 3,
    nodes: [{ key: "a" }, { key: "b" }],
    pageInfo: { hasNextPage: true },
  });
});

test("a definition may be written into the operation instead of into a variable", async () => {
  const place = newPlace();
  const literal = `mutation { createWorkflow(input: { key: "literal", name: "Literal",
    content: { steps: [{ id: "pause", type: "wait", wait: { seconds: "1" } }] } }) { draft { content findings { code } } } }`;
  const { createWorkflow } = await as(place.analyst).data(literal);
  expect(createWorkflow.draft).toEqual({ content: wait(), findings: [] });
});
