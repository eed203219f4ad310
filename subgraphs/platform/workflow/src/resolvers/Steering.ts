/** What starts executions and steers them, and what is seen of them while they run. */
import { startWorkflow } from "../execution/start-execution.js";
import { cancelExecution, pauseExecution, resumeExecution, retryExecution } from "../execution/steer-execution.js";
import { watchExecution } from "../execution/watch-execution.js";
import type { MutationResolvers, SubscriptionResolvers } from "../generated/types.js";
import type { ExecutionRow } from "../tables.js";
import { receiveWebhook } from "../triggers/receive-webhook.js";
import { setTriggerEnabled } from "../triggers/set-trigger-enabled.js";
import { rotateSecret } from "../triggers/webhook-secret.js";

export const Steering: MutationResolvers = {
  setTriggerEnabled: (_, { triggerId, enabled }, ctx) => setTriggerEnabled(ctx, triggerId, enabled),
  rotateTriggerSecret: (_, { triggerId }, ctx) => rotateSecret(ctx, triggerId),
  receiveWorkflowWebhook: (_, webhook, ctx) => receiveWebhook(ctx, webhook),
  startWorkflow: (_, start, ctx) => startWorkflow(ctx, start),
  pauseWorkflowExecution: (_, { id }, ctx) => pauseExecution(ctx, id),
  resumeWorkflowExecution: (_, { id }, ctx) => resumeExecution(ctx, id),
  cancelWorkflowExecution: (_, { id, undo }, ctx) => cancelExecution(ctx, id, undo),
  retryWorkflowExecution: (_, { id, fromStep }, ctx) => retryExecution(ctx, id, fromStep ?? null),
};

export const Watching: SubscriptionResolvers = {
  workflowExecutionChanged: {
    subscribe: (_, { id }, ctx) => watchExecution(ctx, id) as never,
    resolve: (execution: ExecutionRow) => execution,
  },
};
