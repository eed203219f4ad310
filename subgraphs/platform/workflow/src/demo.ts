/** A quarterly reading of meters in two organizations: one is signed, one waits for a signature, one for a reading. */
import { organizations, people } from "@tessera/demo-world";
import type { Context, DemoStage } from "@tessera/subgraph";
import { claimTask, completeTask, handOver } from "./domain/change-task.js";
import { decideApproval } from "./domain/decide-approval.js";
import { createWorkflow, saveWorkflowDraft } from "./domain/edit-workflow.js";
import { keepTask } from "./domain/open-task.js";
import { publishWorkflow } from "./domain/publish-workflow.js";
import { requestApproval } from "./domain/request-approval.js";
import { startWorkflow } from "./execution/start-execution.js";
import { approvalsOfExecutions } from "./queries/approvals.js";
import { triggersOfDefinitions } from "./queries/definitions.js";
import { tasksOfExecutions } from "./queries/tasks.js";
import { rotateSecret } from "./triggers/webhook-secret.js";

interface Cast {
  readonly owner: Context;
  /** Publishes, and starts readings. */
  readonly manager: Context;
  /** Reads meters. */
  readonly reader: Context;
  readonly readerId: string;
  readonly deputyId: string;
  readonly sites: readonly [string, string, string];
  readonly timeZone: string;
}

export default async function tellStory(stage: DemoStage): Promise<void> {
  const { thistlemoor, pinehollow } = organizations;
  const at = (organization: { id: string }, person: { id: string }, role: string) =>
    stage.as({ id: person.id, tenantId: organization.id, roles: [role] });
  const { imogen, priya, nils, delia, mateo, jonah } = people;
  await readMeters(stage, {
    owner: at(thistlemoor, imogen, "owner"),
    manager: at(thistlemoor, priya, "sustainability-manager"),
    reader: at(thistlemoor, nils, "analyst"),
    readerId: nils.id,
    deputyId: mateo.id,
    sites: ["Leeds plant", "Bristol depot", "London office"],
    timeZone: thistlemoor.timeZone,
  });
  await readMeters(stage, {
    owner: at(pinehollow, delia, "owner"),
    manager: at(pinehollow, mateo, "sustainability-manager"),
    reader: at(pinehollow, jonah, "analyst"),
    readerId: jonah.id,
    deputyId: delia.id,
    sites: ["Fresno plant", "Portland depot", "Fresno well 3"],
    timeZone: pinehollow.timeZone,
  });
}

const day = 24 * 3600;
const form = {
  type: "object",
  properties: {
    reading: { type: "number", minimum: 0, title: "Reading in kWh" },
    note: { type: "string", maxLength: 500 },
  },
  required: ["reading"],
};

const reading = ({ sites, timeZone }: Cast) => ({
  kind: "SAGA",
  inputs: { type: "object", properties: { site: { type: "string" } }, required: ["site"] },
  triggers: [
    { id: "quarterly", type: "schedule", cron: "0 8 1 1,4,7,10 *", timeZone, input: { site: `'${sites[0]}'` } },
    { id: "meter", type: "webhook", name: "Smart meter", input: { site: "$event.body.site" } },
    { id: "exceeded", type: "event", event: "analytics.threshold.exceeded", input: { site: `'${sites[1]}'` } },
  ],
  slaSeconds: 10 * day,
  output: "{ 'site': $input.site, 'reading': $steps.read.reading }",
  steps: [
    {
      id: "read",
      name: "Read the meter",
      type: "task",
      title: "'Read the electricity meter: ' & $input.site",
      assignTo: { role: "analyst" },
      form,
      deadline: { withinSeconds: 5 * day, warnSeconds: day, escalateTo: "sustainability-manager" },
      next: "plausible",
    },
    {
      id: "plausible",
      name: "More than usual?",
      type: "condition",
      branches: [{ when: "$steps.read.reading > 400000", next: "sign" }],
    },
    {
      id: "sign",
      name: "Sign an unusual reading",
      type: "approval",
      title: "'Sign the reading of ' & $input.site & ': ' & $steps.read.reading & ' kWh'",
      approvers: [{ role: "sustainability-manager" }, { role: "owner" }],
      rule: "ANY",
      starterMayDecide: true,
      deadline: { withinSeconds: 3 * day, escalateTo: "owner" },
    },
  ],
});

async function readMeters(stage: DemoStage, cast: Cast): Promise<void> {
  const { manager, owner } = cast;
  const content = reading(cast);
  const name = `Quarterly meter reading, ${cast.sites[0]} and others`;
  const { id } = await createWorkflow(manager, {
    key: "meter.reading",
    name,
    description: "Read, check and sign.",
    content,
  });
  await publishWorkflow(manager, id);
  const [triggers = []] = await triggersOfDefinitions(owner.db, [id]);
  for (const { id: triggerId, type } of triggers) if (type === "WEBHOOK") await rotateSecret(owner, triggerId);
  const [signed, unsigned] = [
    await read(stage, cast, cast.sites[0], 431_207),
    await read(stage, cast, cast.sites[1], 402_866),
  ];
  await startWorkflow(manager, { key: "meter.reading", input: { site: cast.sites[2] } });
  await stage.settle();
  await sign(owner, signed);
  await stage.settle();
  await askColleagues(cast, unsigned);
  await saveWorkflowDraft(manager, id, { ...content, slaSeconds: 7 * day });
}

/** @returns the execution, which waits for a signature */
async function read(stage: DemoStage, { manager, reader }: Cast, site: string, kilowattHours: number): Promise<string> {
  const { id } = await startWorkflow(manager, { key: "meter.reading", input: { site } });
  await stage.settle();
  const [[task] = []] = await tasksOfExecutions(manager.db, [id]);
  if (!task) throw new Error(`The reading of ${site} has not asked anybody.`);
  await claimTask(reader, task.id);
  await completeTask(reader, task.id, { reading: kilowattHours, note: `Read at the gate of ${site}.` });
  await stage.settle();
  return id;
}

async function sign(owner: Context, executionId: string): Promise<void> {
  const [[approval] = []] = await approvalsOfExecutions(owner.db, [executionId]);
  if (approval) await decideApproval(owner, approval.id, { decision: "APPROVED", comment: "As high as last winter." });
}

/**
 * What people ask of each other without a workflow. The story is told before the supergraph answers, and identity has
 * told its part by then: nobody has to be asked whether they work here.
 */
async function askColleagues({ manager, reader, readerId, deputyId, sites }: Cast, executionId: string): Promise<void> {
  const title = `Compare the reading of ${sites[1]} with the bill`;
  const task = await keepTask(manager, { title, assignTo: { personId: readerId }, data: { executionId } });
  if (task) await handOver(reader, task.id, deputyId, `On the road to ${sites[2]} this week.`);
  const question = { title: `New meter for ${sites[2]}?`, approvers: [{ role: "owner" }], requesterMayDecide: false };
  await requestApproval(manager, { ...question, rule: "ALL", data: { price: "1840.00" } });
}
