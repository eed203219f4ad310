import { platformEvents } from "@tessera/shared-types";
import type { Client, Person, TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dismiss, hire } from "./staff/staff.js";
import { another, newPlace, type Place, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const fields =
  "id state assignee { id } role overdue may { claim release delegate complete } answer trail { action actor { id } person { id } role note }";
const create = `mutation ($i: CreateTaskInput!) { createTask(input: $i) { ${fields} } }`;
const on = (name: string, args = "") => `mutation ($id: ID!) { task: ${name}(id: $id${args}) { ${fields} } }`;
const complete = `mutation ($id: ID!, $answer: JSON) { task: completeTask(id: $id, answer: $answer) { ${fields} } }`;
const delegate = `mutation ($id: ID!, $to: ID!) { task: delegateTask(id: $id, personId: $to, note: "On leave") { ${fields} } }`;
const read = `query ($id: ID!) { humanTask(id: $id) { ${fields} } }`;

const as = (person: Person): Client => subgraph.as(person);
const hired = (...people: readonly Person[]) => hire(subgraph.runtime.database, ...people);
async function task(place: Place, input: object = {}): Promise<string> {
  const i = { title: "Check the meter", assignTo: { role: "analyst" }, ...input };
  return (await as(place.manager).data(create, { i })).createTask.id;
}
const actions = ({ trail }: { trail: { action: string }[] }) => trail.map(({ action }) => action);

describe("a task for a role", () => {
  test("is claimed by one of the role, and by nobody else", async () => {
    const place = newPlace();
    const id = await task(place);
    expect(await as(place.manager).error(on("claimTask"), { id })).toMatchObject({ code: "TASK_NOT_FOR_YOU" });
    expect(await as(place.viewer).error(on("claimTask"), { id })).toMatchObject({ code: "FORBIDDEN" });
    const { task: claimed } = await as(place.analyst).data(on("claimTask"), { id });
    expect(claimed).toMatchObject({ state: "CLAIMED", assignee: { id: place.analyst.id } });
    expect(claimed.may).toEqual({ claim: false, release: true, delegate: true, complete: true });
    expect(await as(another(place.analyst)).error(on("claimTask"), { id })).toMatchObject({ code: "TASK_NOT_OPEN" });
  });

  test("goes to one of many who claim it at the same moment", async () => {
    const place = newPlace();
    const id = await task(place);
    const people = Array.from({ length: 6 }, () => another(place.analyst));
    const results = await Promise.all(people.map((person) => as(person).run(on("claimTask"), { id })));
    expect(results.filter(({ errors }) => !errors)).toHaveLength(1);
    const { humanTask } = await as(place.viewer).data(read, { id });
    expect(actions(humanTask)).toEqual(["CREATED", "CLAIMED"]);
  });

  test("is given back to its role by who has it, not by others", async () => {
    const place = newPlace();
    const id = await task(place);
    await as(place.analyst).data(on("claimTask"), { id });
    expect(await as(another(place.analyst)).error(on("releaseTask"), { id })).toMatchObject({ code: "TASK_NOT_YOURS" });
    const { task: released } = await as(place.analyst).data(on("releaseTask"), { id });
    expect(released).toMatchObject({ state: "OPEN", assignee: null });
  });

  test("is delegated with a trail by who has it or administers workflows, not by others", async () => {
    const place = newPlace();
    const id = await task(place);
    const [second, third] = [another(place.analyst), another(place.analyst)];
    await hired(second, third);
    await as(place.analyst).data(on("claimTask"), { id });
    expect(await as(second).error(delegate, { id, to: second.id })).toMatchObject({ code: "TASK_NOT_YOURS" });
    await as(place.analyst).data(delegate, { id, to: second.id });
    const { task: delegated } = await as(place.owner).data(delegate, { id, to: third.id });
    expect(delegated.assignee).toEqual({ id: third.id });
    expect(delegated.trail.slice(2)).toEqual([
      { action: "DELEGATED", actor: { id: place.analyst.id }, person: { id: second.id }, role: null, note: "On leave" },
      { action: "DELEGATED", actor: { id: place.owner.id }, person: { id: third.id }, role: null, note: "On leave" },
    ]);
    expect(await as(third).error(delegate, { id, to: "nobody" })).toMatchObject({ code: "PERSON_INVALID" });
  });

  test("is completed once, by who has it", async () => {
    const place = newPlace();
    const id = await task(place);
    expect(await as(place.analyst).error(complete, { id })).toMatchObject({ code: "TASK_NOT_YOURS" });
    await as(place.analyst).data(on("claimTask"), { id });
    const { task: done } = await as(place.analyst).data(complete, { id, answer: { reading: 12 } });
    expect(done).toMatchObject({ state: "COMPLETED", answer: { reading: 12 } });
    expect(await as(place.analyst).error(complete, { id })).toMatchObject({ code: "TASK_DONE" });
    expect(await as(another(place.analyst)).error(on("claimTask"), { id })).toMatchObject({ code: "TASK_DONE" });
  });
});

describe("a person a task is for", () => {
  test("works in the organization: nobody else is asked, now or by delegation", async () => {
    const place = newPlace();
    const [stranger, former] = [newPlace().analyst, another(place.analyst)];
    await hired(place.analyst, stranger, former);
    await dismiss(subgraph.runtime.database, former);
    const id = await task(place, { assignTo: { personId: place.analyst.id.toUpperCase() } });
    for (const person of [another(place.analyst), stranger, former]) {
      const refused = { code: "PERSON_UNKNOWN", details: { id: person.id } };
      const i = { title: "Check the meter", assignTo: { personId: person.id } };
      expect(await as(place.manager).error(create, { i })).toMatchObject(refused);
      expect(await as(place.analyst).error(delegate, { id, to: person.id })).toMatchObject(refused);
    }
    const { myTasks } = await as(place.analyst).data("{ myTasks { nodes { id trail { action } } } }");
    expect(myTasks.nodes).toEqual([{ id, trail: [{ action: "CREATED" }] }]);
  });

  test("may be named by somebody who may not read the list of members", async () => {
    const place = newPlace();
    await hired(place.analyst);
    const clerk: Person = { ...another(place.manager), scopes: ["workflow:read", "workflow:write"] };
    const i = { title: "Check the meter", assignTo: { personId: place.analyst.id } };
    expect((await as(clerk).data(create, { i })).createTask.assignee).toEqual({ id: place.analyst.id });
  });
});

describe("a form", () => {
  const form = { type: "object", properties: { reading: { type: "number", minimum: 0 } }, required: ["reading"] };

  test("takes an answer that fits, and says what is wrong with one that does not", async () => {
    const place = newPlace();
    const id = await task(place, { form });
    await as(place.analyst).data(on("claimTask"), { id });
    for (const answer of [null, {}, { reading: -1 }, { reading: "12" }])
      expect(await as(place.analyst).error(complete, { id, answer })).toMatchObject({ code: "ANSWER_INVALID" });
    expect((await as(place.analyst).data(complete, { id, answer: { reading: 3 } })).task.state).toBe("COMPLETED");
  });

  test("that is no JSON Schema is refused with its place", async () => {
    const place = newPlace();
    const i = {
      title: "t",
      assignTo: { role: "analyst" },
      form: { type: "object", properties: { a: { type: "text" } } },
    };
    const error = await as(place.manager).error(create, { i });
    expect(error).toMatchObject({ code: "TASK_INVALID" });
    expect(error.message).toContain("/properties/a");
    const badPattern = { ...i, form: { type: "string", pattern: "(" } };
    expect(await as(place.manager).error(create, { i: badPattern })).toMatchObject({ code: "TASK_INVALID" });
  });
});

describe("lists of tasks", () => {
  const mine =
    "query ($claimed: Boolean, $first: Int, $after: String) { myTasks(claimed: $claimed, first: $first, after: $after) { totalCount nodes { title } pageInfo { hasNextPage endCursor } } }";

  test("hold what I have and could claim, what is due first comes first, page by page", async () => {
    const place = newPlace();
    const mate = another(place.analyst);
    await hired(place.analyst, mate);
    const due = (hours: number) => ({ dueAt: new Date(Date.now() + hours * 3_600_000).toISOString() });
    await task(place, { title: "later", deadline: due(9) });
    await task(place, { title: "soon", deadline: due(1) });
    await task(place, { title: "mine", assignTo: { personId: place.analyst.id }, deadline: due(5) });
    await task(place, { title: "whenever" });
    await task(place, { title: "of others", assignTo: { role: "owner" } });
    await task(place, { title: "of another", assignTo: { personId: mate.id } });
    const { myTasks: first } = await as(place.analyst).data(mine, { first: 3 });
    expect(first.nodes.map(({ title }: { title: string }) => title)).toEqual(["soon", "mine", "later"]);
    expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    const { myTasks: rest } = await as(place.analyst).data(mine, { first: 3, after: first.pageInfo.endCursor });
    expect(rest.nodes).toEqual([{ title: "whenever" }]);
    expect((await as(place.analyst).data(mine, { claimed: true })).myTasks.nodes).toEqual([{ title: "mine" }]);
    expect((await as(place.analyst).data(mine, { claimed: false })).myTasks.totalCount).toBe(3);
  });

  test("of a person are seen by that person and by who administers workflows, not by colleagues", async () => {
    const place = newPlace();
    await hired(place.analyst);
    await task(place, { title: "mine", assignTo: { personId: place.analyst.id } });
    const ofUser = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { tasks { nodes { title } } } } }`;
    const r = [{ __typename: "User", id: place.analyst.id }];
    const expected = { _entities: [{ tasks: { nodes: [{ title: "mine" }] } }] };
    expect(await as(place.analyst).data(ofUser, { r })).toEqual(expected);
    expect(await as(place.owner).data(ofUser, { r })).toEqual(expected);
    expect(await as(place.manager).error(ofUser, { r })).toMatchObject({ code: "FORBIDDEN" });
  });

  test("hold nothing of another organization, whose people cannot do anything with its tasks", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const id = await task(place);
    await hired(other.owner);
    expect((await as(other.analyst).data(mine)).myTasks.totalCount).toBe(0);
    expect(await as(other.analyst).data(read, { id })).toEqual({ humanTask: null });
    expect(await as(other.analyst).error(on("claimTask"), { id })).toMatchObject({ code: "TASK_NOT_FOUND" });
    expect(await as(other.owner).error(delegate, { id, to: other.owner.id })).toMatchObject({ code: "TASK_NOT_FOUND" });
  });
});

describe("around a task", () => {
  test("comments are kept in order, and empty ones refused", async () => {
    const place = newPlace();
    const id = await task(place);
    await as(place.manager).data(on("commentOnTask", ', note: "Which meter?"'), { id });
    const { task: after } = await as(place.analyst).data(on("commentOnTask", ', note: "The one in the yard."'), { id });
    expect(after.trail.map(({ note }: { note: string }) => note)).toEqual(["", "Which meter?", "The one in the yard."]);
    expect(await as(place.analyst).error(on("commentOnTask", ', note: " "'), { id })).toMatchObject({
      code: "NOTE_INVALID",
    });
  });

  test("who asked may take it back, others may not", async () => {
    const place = newPlace();
    const id = await task(place);
    const cancel = on("cancelTask", ', reason: "Done by phone"');
    expect(await as(place.analyst).error(cancel, { id })).toMatchObject({ code: "TASK_NOT_YOURS" });
    expect((await as(place.manager).data(cancel, { id })).task.state).toBe("CANCELLED");
  });

  test("a service neither claims nor completes: only people do", async () => {
    const place = newPlace();
    const id = await task(place);
    const service: Person = { ...place.analyst, kind: "service" };
    expect(await as(service).error(on("claimTask"), { id })).toMatchObject({ code: "PERSON_REQUIRED" });
  });

  test("each change is announced to who has it, had it, or may claim it", async () => {
    const place = newPlace();
    const id = await task(place);
    await hired(place.owner);
    await as(place.analyst).data(on("claimTask"), { id });
    await as(place.analyst).data(delegate, { id, to: place.owner.id });
    await subgraph.settle();
    const told = subgraph.published(platformEvents.workflowTaskChanged).filter(({ aggregateId }) => aggregateId === id);
    expect(told.map(({ payload }) => [payload.change, payload.people, payload.roles])).toEqual([
      ["CREATED", [], ["analyst"]],
      ["CLAIMED", [place.analyst.id], ["analyst"]],
      ["DELEGATED", [place.owner.id, place.analyst.id], ["analyst"]],
    ]);
  });

  test("who listens gets their own changes only, live", async () => {
    const place = newPlace();
    const updates = await as(place.analyst).subscribe("subscription { myTaskChanged { title state } }");
    await task(place, { title: "not mine", assignTo: { role: "owner" } });
    await task(newPlace(), { title: "elsewhere" });
    await task(place, { title: "mine" });
    const { value } = await updates.next();
    expect(JSON.parse(JSON.stringify(value)).data.myTaskChanged).toEqual({ title: "mine", state: "OPEN" });
    await updates.return?.();
  });
});
