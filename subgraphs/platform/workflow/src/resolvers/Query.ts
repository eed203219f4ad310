import { mustBeSelf } from "../domain/my-work.js";
import { validateContent } from "../domain/read-version.js";
import { personActing } from "../domain/who.js";
import type { OrganizationResolvers, QueryResolvers, UserResolvers } from "../generated/types.js";
import { approvalsById, pageOfApprovalsFor } from "../queries/approvals.js";
import { definitionsById, definitionsByKey, pageOfDefinitions } from "../queries/definitions.js";
import { executionsById, pageOfExecutions } from "../queries/executions.js";
import { pageOfTasksFor, tasksById } from "../queries/tasks.js";
import { templates } from "../templates/templates.js";

export const Query: QueryResolvers = {
  workflowDefinition: (_, { id }, ctx) => ctx.load(definitionsById, id),
  workflowDefinitionByKey: (_, { key }, ctx) => ctx.load(definitionsByKey, key),
  workflowDefinitions: (_, page, ctx) => pageOfDefinitions(ctx.db, page),
  validateWorkflow: (_, { content }, ctx) => validateContent(ctx, content),
  workflowTemplates: () => templates,
  workflowExecution: (_, { id }, ctx) => ctx.load(executionsById, id),
  workflowExecutions: (_, { state, definitionId, ...page }, ctx) =>
    pageOfExecutions(ctx.db, { state, definitionId }, page),
  humanTask: (_, { id }, ctx) => ctx.load(tasksById, id),
  myTasks: (_, { claimed, ...page }, ctx) => pageOfTasksFor(ctx.db, personActing(ctx), claimed ?? null, page),
  approval: (_, { id }, ctx) => ctx.load(approvalsById, id),
  myApprovals: (_, page, ctx) => pageOfApprovalsFor(ctx.db, personActing(ctx), page),
};

export const Organization: OrganizationResolvers = {
  workflows: (_, page, ctx) => pageOfDefinitions(ctx.db, page),
  workflowExecutions: (_, { state, ...page }, ctx) => pageOfExecutions(ctx.db, { state }, page),
};

export const User: UserResolvers = {
  tasks: ({ id }, page, ctx) => pageOfTasksFor(ctx.db, mustBeSelf(ctx, id), true, page),
  approvals: ({ id }, page, ctx) => pageOfApprovalsFor(ctx.db, mustBeSelf(ctx, id), page),
};
