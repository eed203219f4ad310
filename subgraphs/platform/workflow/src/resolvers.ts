import type { Resolvers } from "./generated/types.js";
import {
  WorkflowAnalytics,
  WorkflowDefinition,
  WorkflowStepAnalytics,
  WorkflowVersion,
} from "./resolvers/Definition.js";
import { Saga, WorkflowExecution, WorkflowStep, WorkflowTrigger } from "./resolvers/Execution.js";
import { Mutation, Subscription } from "./resolvers/Mutation.js";
import { Approval, ApprovalVote, HumanTask, WorkflowTrailEntry } from "./resolvers/People.js";
import { Organization, Query, User } from "./resolvers/Query.js";
import { Steering, Watching } from "./resolvers/Steering.js";

export const resolvers: Resolvers = {
  WorkflowDefinition,
  WorkflowVersion,
  WorkflowAnalytics,
  WorkflowStepAnalytics,
  WorkflowTrigger,
  WorkflowExecution,
  WorkflowStep,
  Saga,
  HumanTask,
  Approval,
  ApprovalVote,
  WorkflowTrailEntry,
  Organization,
  User,
  Query,
  Mutation: { ...Mutation, ...Steering },
  Subscription: { ...Subscription, ...Watching },
};
