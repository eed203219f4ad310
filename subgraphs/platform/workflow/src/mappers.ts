/** What resolvers give for each GraphQL type. */
import type { Connection } from "@tessera/database";
import type { Finding } from "./definitions/findings.js";
import type { AnalysedStep, Analysis } from "./domain/analyse-workflow.js";
import type {
  ApprovalRow,
  DefinitionRow,
  ExecutionRow,
  StepRow,
  TaskRow,
  TrailRow,
  TriggerRow,
  VersionRow,
  VoteRow,
} from "./tables.js";

export type OrganizationMapper = { readonly id: string };
export type UserMapper = { readonly id: string };
export type WorkflowDefinitionMapper = DefinitionRow;
export type WorkflowDefinitionConnectionMapper = Connection<DefinitionRow>;
export type WorkflowDefinitionEdgeMapper = WorkflowDefinitionConnectionMapper["edges"][number];
export type WorkflowVersionMapper = VersionRow;
export type WorkflowFindingMapper = Finding;
export type WorkflowAnalyticsMapper = Analysis;
export type WorkflowStepAnalyticsMapper = AnalysedStep;
export type WorkflowTriggerMapper = TriggerRow;
export type WorkflowExecutionMapper = ExecutionRow;
export type WorkflowExecutionConnectionMapper = Connection<ExecutionRow>;
export type WorkflowExecutionEdgeMapper = WorkflowExecutionConnectionMapper["edges"][number];
export type WorkflowStepMapper = StepRow;
/** An execution of a definition of kind SAGA. */
export type SagaMapper = ExecutionRow;
export type HumanTaskMapper = TaskRow;
export type HumanTaskConnectionMapper = Connection<TaskRow>;
export type HumanTaskEdgeMapper = HumanTaskConnectionMapper["edges"][number];
export type ApprovalMapper = ApprovalRow;
export type ApprovalConnectionMapper = Connection<ApprovalRow>;
export type ApprovalEdgeMapper = ApprovalConnectionMapper["edges"][number];
export type ApprovalVoteMapper = VoteRow;
export type WorkflowTrailEntryMapper = TrailRow;
