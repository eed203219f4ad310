/** Executions, their steps, and what set them off. */
import type {
  SagaResolvers,
  WorkflowExecutionResolvers,
  WorkflowStepResolvers,
  WorkflowTriggerResolvers,
} from "../generated/types.js";
import { approvalsOfExecutions } from "../queries/approvals.js";
import { definitionsById, triggersById, versionsById } from "../queries/definitions.js";
import { childrenOfExecutions, executionsById, stepsOfExecutions } from "../queries/executions.js";
import { tasksOfExecutions } from "../queries/tasks.js";
import type { StepRow } from "../tables.js";
import { present } from "./missing.js";
import { isOverdue, userOf } from "./references.js";

export const WorkflowExecution: WorkflowExecutionResolvers = {
  definition: ({ definitionId }, _, ctx) => present(ctx.load(definitionsById, definitionId)),
  version: ({ versionId }, _, ctx) => present(ctx.load(versionsById, versionId)),
  steps: ({ id }, _, ctx) => ctx.loadList(stepsOfExecutions, id),
  tasks: ({ id }, _, ctx) => ctx.loadList(tasksOfExecutions, id),
  approvals: ({ id }, _, ctx) => ctx.loadList(approvalsOfExecutions, id),
  saga: (execution) => (execution.kind === "SAGA" ? execution : null),
  parent: ({ parentId }, _, ctx) => (parentId ? ctx.load(executionsById, parentId) : null),
  children: ({ id }, _, ctx) => ctx.loadList(childrenOfExecutions, id),
  trigger: ({ triggerId }, _, ctx) => (triggerId ? ctx.load(triggersById, triggerId) : null),
  startedBy: ({ startedBy }) => userOf(startedBy),
  late: (execution, _, ctx) => isOverdue(execution, execution.finishedAt ?? ctx.now()),
};

export const WorkflowStep: WorkflowStepResolvers = {
  execution: ({ executionId }, _, ctx) => present(ctx.load(executionsById, executionId)),
  type: ({ type }) => type as "GRAPHQL",
};

/** What a saga takes back: the last thing first. */
const inUndoOrder = (steps: readonly StepRow[]) =>
  steps
    .filter(({ state }) => state === "COMPLETED")
    .sort((a, b) => (b.finishedAt?.getTime() ?? 0) - (a.finishedAt?.getTime() ?? 0));

export const Saga: SagaResolvers = {
  execution: (execution) => execution,
  steps: async ({ id }, _, ctx) => inUndoOrder(await ctx.loadList(stepsOfExecutions, id)),
  standing: async ({ id }, _, ctx) =>
    inUndoOrder(await ctx.loadList(stepsOfExecutions, id)).filter(({ undoState }) => undoState !== "UNDONE").length,
};

export const WorkflowTrigger: WorkflowTriggerResolvers = {
  definition: ({ definitionId }, _, ctx) => present(ctx.load(definitionsById, definitionId)),
  hasSecret: ({ sealedSecret }) => sealedSecret !== null,
};
