import { randomUUID } from "node:crypto";
import { platformEvents } from "@tessera/shared-types";
import type { Client, Person, TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hire } from "./staff/staff.js";
import { another, newPlace, type Place, start } from "./world.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await start();
});
afterAll(() => subgraph.close());

const fields =
  "id state rule needed mayDecide escalatedTo votes { decision decidedBy { id } person { id } role comment } trail { action }";
const request = `mutation ($i: RequestApprovalInput!) { approval: requestApproval(input: $i) { ${fields} } }`;
const decide = `mutation ($id: ID!, $d: ApprovalDecision!) { approval: decideApproval(id: $id, decision: $d, comment: "Seen") { ${fields} } }`;
const delegate = `mutation ($id: ID!, $to: ID!) { approval: delegateApproval(id: $id, personId: $to) { ${fields} } }`;
const read = `query ($id: ID!) { approval(id: $id) { ${fields} } }`;
const mine = "{ myApprovals { totalCount nodes { id } } }";

const as = (person: Person): Client => subgraph.as(person);
const hired = (...people: readonly Person[]) => hire(subgraph.runtime.database, ...people);
async function asked(place: Place, input: object): Promise<string> {
  const i = { title: "Buy new doors", approvers: [{ role: "owner" }], ...input };
  return (await as(place.analyst).data(request, { i })).approval.id;
}
/** Managers by name. */
async function panel(place: Place, size: number) {
  const people = Array.from({ length: size }, () => another(place.manager));
  await hired(...people);
  return { people, approvers: people.map(({ id }) => ({ personId: id })) };
}
const approve = (person: Person, id: string) => as(person).data(decide, { id, d: "APPROVED" });
const reject = (person: Person, id: string) => as(person).data(decide, { id, d: "REJECTED" });

describe("an approval", () => {
  test("of ALL is granted by the last one, and rejected by the first who rejects", async () => {
    const place = newPlace();
    const { people, approvers } = await panel(place, 2);
    const [one, two] = people as [Person, Person];
    const granted = await asked(place, { approvers });
    expect((await approve(one, granted)).approval.state).toBe("PENDING");
    expect((await approve(two, granted)).approval.state).toBe("APPROVED");
    const refused = await asked(place, { approvers });
    expect((await reject(one, refused)).approval.state).toBe("REJECTED");
    expect(await as(two).error(decide, { id: refused, d: "APPROVED" })).toMatchObject({ code: "APPROVAL_DECIDED" });
  });

  test("of ANY is granted by the first, and rejected only by all", async () => {
    const place = newPlace();
    const { people, approvers } = await panel(place, 2);
    const [one, two] = people as [Person, Person];
    expect((await approve(two, await asked(place, { approvers, rule: "ANY" }))).approval.state).toBe("APPROVED");
    const id = await asked(place, { approvers, rule: "ANY" });
    expect((await reject(one, id)).approval.state).toBe("PENDING");
    expect((await reject(two, id)).approval.state).toBe("REJECTED");
  });

  test("of a QUORUM needs so many, and is rejected once they cannot come together any more", async () => {
    const place = newPlace();
    const { people, approvers } = await panel(place, 3);
    const [one, two, three] = people as [Person, Person, Person];
    const quorum = { approvers, rule: "QUORUM", needed: 2 };
    const granted = await asked(place, quorum);
    await reject(one, granted);
    await approve(two, granted);
    expect((await approve(three, granted)).approval).toMatchObject({ state: "APPROVED", needed: 2 });
    const refused = await asked(place, quorum);
    await reject(one, refused);
    expect((await reject(two, refused)).approval.state).toBe("REJECTED");
    const i = { title: "t", ...quorum, needed: 4 };
    expect(await as(place.analyst).error(request, { i })).toMatchObject({ code: "APPROVAL_INVALID" });
  });

  test("is decided by who is asked only, once each, and not by who asked for it", async () => {
    const place = newPlace();
    const id = await asked(place, {
      approvers: [{ role: "sustainability-manager" }, { role: "sustainability-manager" }],
    });
    expect(await as(place.owner).error(decide, { id, d: "APPROVED" })).toMatchObject({ code: "APPROVAL_NOT_ASKED" });
    expect(await as(place.analyst).error(decide, { id, d: "APPROVED" })).toMatchObject({ code: "FORBIDDEN" });
    await approve(place.manager, id);
    expect(await as(place.manager).error(decide, { id, d: "APPROVED" })).toMatchObject({ code: "APPROVAL_VOTED" });
    expect((await approve(another(place.manager), id)).approval.state).toBe("APPROVED");

    const i = { title: "My own", approvers: [{ role: "sustainability-manager" }] };
    const own = (await as(place.manager).data(request, { i })).approval;
    expect(own.mayDecide).toBe(false);
    expect(await as(place.manager).error(decide, { id: own.id, d: "APPROVED" })).toMatchObject({
      code: "APPROVAL_OWN_REQUEST",
    });
    const free = (await as(place.manager).data(request, { i: { ...i, requesterMayDecide: true } })).approval;
    expect((await approve(place.manager, free.id)).approval.state).toBe("APPROVED");
  });

  test("counts each vote once when all decide at the same moment", async () => {
    const place = newPlace();
    const { people, approvers } = await panel(place, 5);
    const id = await asked(place, { approvers });
    await Promise.all(
      people.flatMap((person) => [as(person), as(person)].map((client) => client.run(decide, { id, d: "APPROVED" }))),
    );
    const { approval } = await as(place.viewer).data(read, { id });
    expect(approval.state).toBe("APPROVED");
    expect(approval.trail.filter(({ action }: { action: string }) => action === "APPROVED")).toHaveLength(5);
    await subgraph.settle();
    const granted = subgraph.published(platformEvents.approvalGranted).filter(({ aggregateId }) => aggregateId === id);
    expect(granted).toHaveLength(1);
    expect(granted[0]?.payload.decidedBy.sort()).toEqual(people.map((person) => person.id).sort());
  });

  test("is delegated by who is asked to somebody who is not, with a trail", async () => {
    const place = newPlace();
    const { people, approvers } = await panel(place, 2);
    const [one, two] = people as [Person, Person];
    const deputy = another(place.manager);
    await hired(place.analyst, deputy);
    const id = await asked(place, { approvers });
    expect(await as(deputy).error(delegate, { id, to: deputy.id })).toMatchObject({ code: "APPROVAL_NOT_ASKED" });
    expect(await as(one).error(delegate, { id, to: two.id })).toMatchObject({ code: "APPROVAL_INVALID" });
    expect(await as(one).error(delegate, { id, to: place.analyst.id })).toMatchObject({ code: "APPROVAL_OWN_REQUEST" });
    const { approval } = await as(one).data(delegate, { id, to: deputy.id });
    expect(approval.trail.map(({ action }: { action: string }) => action)).toEqual(["CREATED", "DELEGATED"]);
    expect(await as(one).error(decide, { id, d: "APPROVED" })).toMatchObject({ code: "APPROVAL_NOT_ASKED" });
    await approve(deputy, id);
    expect((await approve(two, id)).approval.state).toBe("APPROVED");
  });

  test("stands in the list of those who can decide it now, until they have", async () => {
    const place = newPlace();
    const id = await asked(place, { approvers: [{ role: "owner" }, { role: "owner" }] });
    expect((await as(place.owner).data(mine)).myApprovals.nodes).toEqual([{ id }]);
    expect((await as(place.manager).data(mine)).myApprovals.totalCount).toBe(0);
    expect((await as(newPlace().owner).data(mine)).myApprovals.totalCount).toBe(0);
    await approve(place.owner, id);
    expect((await as(place.owner).data(mine)).myApprovals.totalCount).toBe(0);
  });

  test("asks nobody twice by name, and at least somebody", async () => {
    const place = newPlace();
    const personId = randomUUID();
    for (const approvers of [[], [{ personId }, { personId }], [{ personId, role: "owner" }], [{}]]) {
      const i = { title: "t", approvers };
      expect(await as(place.analyst).error(request, { i })).toMatchObject({ code: "APPROVAL_INVALID" });
    }
  });

  test("asks members of the organization by name, and nobody when one of them is none", async () => {
    const place = newPlace();
    const { people, approvers } = await panel(place, 2);
    const stranger = newPlace().manager;
    await hired(stranger);
    const refused = { code: "PERSON_UNKNOWN", details: { id: stranger.id } };
    const i = { title: "t", approvers: [...approvers, { personId: stranger.id }] };
    expect(await as(place.analyst).error(request, { i })).toMatchObject(refused);
    const id = await asked(place, { approvers });
    const [one] = people as [Person];
    expect(await as(one).error(delegate, { id, to: stranger.id })).toMatchObject(refused);
    expect((await as(one).data(mine)).myApprovals.nodes).toEqual([{ id }]);
  });

  test("of another organization is not there", async () => {
    const [place, other] = [newPlace(), newPlace()];
    const id = await asked(place, {});
    expect(await as(other.owner).data(read, { id })).toEqual({ approval: null });
    expect(await as(other.owner).error(decide, { id, d: "APPROVED" })).toMatchObject({ code: "APPROVAL_NOT_FOUND" });
  });
});

describe("a deadline", () => {
  const inHours = (hours: number) => new Date(subgraph.clock.now().getTime() + hours * 3_600_000).toISOString();
  const until = async (id: string, action: string) =>
    expect
      .poll(
        async () => {
          const { approval, humanTask } = await as({ id: randomUUID(), tenantId: tenant, roles: ["viewer"] }).data(
            "query ($id: ID!) { approval(id: $id) { trail { action role } } humanTask(id: $id) { trail { action role } } }",
            { id },
          );
          return (approval ?? humanTask).trail.map((entry: { action: string }) => entry.action);
        },
        { timeout: 15_000 },
      )
      .toContain(action);
  let tenant = "";
  async function breachesOf(id: string) {
    await subgraph.settle();
    const breaches = subgraph.published(platformEvents.workflowSlaBreached);
    return breaches.filter(({ aggregateId }) => aggregateId === id).map(({ payload }) => payload);
  }

  test("of an approval warns, then lets the role it is escalated to decide", { timeout: 40_000 }, async () => {
    const place = newPlace();
    tenant = place.tenantId;
    const { approvers } = await panel(place, 1);
    const deadline = { warnAt: inHours(1), dueAt: inHours(3), escalateTo: "owner" };
    const id = await asked(place, { approvers, deadline });
    subgraph.clock.advance({ hours: 2 });
    await until(id, "WARNED");
    expect(await as(place.owner).error(decide, { id, d: "APPROVED" })).toMatchObject({ code: "APPROVAL_NOT_ASKED" });
    subgraph.clock.advance({ hours: 2 });
    await until(id, "ESCALATED");
    const { approval } = await as(place.owner).data(read, { id });
    expect(approval).toMatchObject({ mayDecide: true, escalatedTo: "owner" });
    expect(approval.trail.map(({ action }: { action: string }) => action)).toEqual(["CREATED", "WARNED", "ESCALATED"]);
    expect((await as(place.owner).data(mine)).myApprovals.nodes).toEqual([{ id }]);
    expect((await approve(place.owner, id)).approval.state).toBe("APPROVED");
    expect(await breachesOf(id)).toEqual([
      {
        ...{ subject: "APPROVAL", subjectId: id, executionId: null, title: "Buy new doors", dueAt: deadline.dueAt },
        ...{ people: approvers.map(({ personId }) => personId), roles: ["owner"], escalatedTo: "owner" },
      },
    ]);
  });

  test("of a task lets the role it is escalated to take it from who has it", { timeout: 40_000 }, async () => {
    const place = newPlace();
    tenant = place.tenantId;
    await hired(place.analyst);
    const deadline = { dueAt: inHours(1), escalateTo: "owner" };
    const i = { title: "Late", assignTo: { personId: place.analyst.id }, deadline };
    const { createTask } = await as(place.manager).data(
      "mutation ($i: CreateTaskInput!) { createTask(input: $i) { id } }",
      { i },
    );
    subgraph.clock.advance({ hours: 2 });
    await until(createTask.id, "ESCALATED");
    const claim = "mutation ($id: ID!) { claimTask(id: $id) { assignee { id } overdue escalatedTo } }";
    expect(await as(place.manager).error(claim, { id: createTask.id })).toMatchObject({ code: "TASK_NOT_FOR_YOU" });
    expect((await as(place.owner).data("{ myTasks(claimed: false) { totalCount } }")).myTasks.totalCount).toBe(1);
    expect((await as(place.owner).data(claim, { id: createTask.id })).claimTask).toEqual({
      assignee: { id: place.owner.id },
      overdue: true,
      escalatedTo: "owner",
    });
    expect(await breachesOf(createTask.id)).toMatchObject([
      { subject: "TASK", people: [place.analyst.id], roles: ["owner"], escalatedTo: "owner" },
    ]);
  });

  test("is breached once for a task nobody is named for, too", { timeout: 40_000 }, async () => {
    const place = newPlace();
    tenant = place.tenantId;
    const i = { title: "Late", assignTo: { role: "analyst" }, deadline: { dueAt: inHours(1) } };
    const { createTask } = await as(place.manager).data(
      "mutation ($i: CreateTaskInput!) { createTask(input: $i) { id } }",
      { i },
    );
    subgraph.clock.advance({ hours: 2 });
    await until(createTask.id, "WARNED");
    expect(await breachesOf(createTask.id)).toMatchObject([
      { subject: "TASK", people: [], roles: ["analyst"], escalatedTo: null },
    ]);
  });

  test("that was met says nothing", { timeout: 40_000 }, async () => {
    const place = newPlace();
    await hired(place.manager);
    const id = await asked(place, {
      approvers: [{ personId: place.manager.id }],
      deadline: { dueAt: inHours(1), escalateTo: "owner" },
    });
    await approve(place.manager, id);
    subgraph.clock.advance({ hours: 2 });
    // Waits for the process that watches the deadline: it is due now.
    await subgraph.settle();
    const { approval } = await as(place.viewer).data(read, { id });
    expect(approval.trail.map(({ action }: { action: string }) => action)).toEqual(["CREATED", "APPROVED"]);
    expect(await breachesOf(id)).toEqual([]);
  });
});
