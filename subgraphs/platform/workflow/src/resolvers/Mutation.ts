import type { Context } from "@tessera/subgraph";
import {
  cancelTask,
  claimTask,
  commentOnTask,
  completeTask,
  delegateTask,
  releaseTask,
} from "../domain/change-task.js";
import { commentOnApproval, decideApproval, delegateApproval } from "../domain/decide-approval.js";
import { createWorkflow, discardWorkflowDraft, saveWorkflowDraft } from "../domain/edit-workflow.js";
import { importBpmn } from "../domain/import-bpmn.js";
import { type TaskChange, watchMyTasks } from "../domain/my-work.js";
import { createTask } from "../domain/open-task.js";
import { publishWorkflow, retireWorkflow } from "../domain/publish-workflow.js";
import { requestApproval } from "../domain/request-approval.js";
import type { MutationResolvers, SubscriptionResolvers } from "../generated/types.js";
import { tasksById } from "../queries/tasks.js";
import { present } from "./missing.js";
import { newApproval, newTask } from "./requests.js";

export const Mutation: MutationResolvers = {
  createWorkflow: (_, { input }, ctx) => createWorkflow(ctx, input),
  saveWorkflowDraft: (_, { definitionId, content }, ctx) => saveWorkflowDraft(ctx, definitionId, content),
  discardWorkflowDraft: (_, { definitionId }, ctx) => discardWorkflowDraft(ctx, definitionId),
  publishWorkflow: (_, { definitionId }, ctx) => publishWorkflow(ctx, definitionId),
  retireWorkflow: (_, { definitionId }, ctx) => retireWorkflow(ctx, definitionId),
  importBpmn: (_, { key, xml }, ctx) => importBpmn(ctx, key, xml),
  createTask: (_, { input }, ctx) => createTask(ctx, newTask(input)),
  claimTask: (_, { id }, ctx) => claimTask(ctx, id),
  releaseTask: (_, { id }, ctx) => releaseTask(ctx, id),
  delegateTask: (_, { id, personId, note }, ctx) => delegateTask(ctx, id, personId, note),
  completeTask: (_, { id, answer }, ctx) => completeTask(ctx, id, answer),
  commentOnTask: (_, { id, note }, ctx) => commentOnTask(ctx, id, note),
  cancelTask: (_, { id, reason }, ctx) => cancelTask(ctx, id, reason),
  requestApproval: (_, { input }, ctx) => requestApproval(ctx, newApproval(input)),
  decideApproval: (_, { id, ...decision }, ctx) => decideApproval(ctx, id, decision),
  delegateApproval: (_, { id, personId, note }, ctx) => delegateApproval(ctx, id, personId, note),
  commentOnApproval: (_, { id, note }, ctx) => commentOnApproval(ctx, id, note),
};

export const Subscription: SubscriptionResolvers = {
  myTaskChanged: {
    subscribe: (_, __, ctx) => watchMyTasks(ctx),
    resolve: ({ payload }: TaskChange, _: unknown, ctx: Context) => present(ctx.load(tasksById, payload.taskId)),
  },
};
