import { platformEvents } from "@tessera/shared-types";
import { defineSubgraph } from "@tessera/subgraph";
import { watchDeadlines } from "./domain/deadlines.js";
import { endRetries } from "./execution/end-retries.js";
import { runSaga, runWorkflow } from "./execution/run-workflow.js";
import { approvalsById } from "./queries/approvals.js";
import { definitionsById, triggersById, versionsById } from "./queries/definitions.js";
import { executionsById, sagasById, stepsById } from "./queries/executions.js";
import { tasksById } from "./queries/tasks.js";
import { resolvers } from "./resolvers.js";
import * as tables from "./tables.js";
import { fireSchedule } from "./triggers/fire-schedule.js";
import { onAnyEvent } from "./triggers/on-any-event.js";

export default defineSubgraph({
  name: "workflow",
  suite: "platform",
  root: new URL("..", import.meta.url),
  resolvers,
  entities: {
    WorkflowDefinition: definitionsById,
    WorkflowVersion: versionsById,
    WorkflowTrigger: triggersById,
    WorkflowExecution: executionsById,
    WorkflowStep: stepsById,
    Saga: sagasById,
    HumanTask: tasksById,
    Approval: approvalsById,
  },
  tables,
  publishes: [
    platformEvents.workflowTriggered,
    platformEvents.workflowExecutionStarted,
    platformEvents.workflowExecutionCompleted,
    platformEvents.workflowExecutionChanged,
    platformEvents.workflowStepCompleted,
    platformEvents.workflowTaskChanged,
    platformEvents.workflowApprovalRequested,
    platformEvents.workflowSlaBreached,
    platformEvents.approvalGranted,
  ],
  reactions: [onAnyEvent],
  processes: [runWorkflow, runSaga, endRetries, fireSchedule, watchDeadlines],
  operates: ["graph"],
  demo: () => import("./demo.js"),
});
