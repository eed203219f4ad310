/** Definitions, their versions, and what is known about how they run. */
import { analyseWorkflow, bottleneckOf, waits } from "../domain/analyse-workflow.js";
import { findingsOf, storedBpmn } from "../domain/read-version.js";
import type {
  WorkflowAnalyticsResolvers,
  WorkflowDefinitionResolvers,
  WorkflowStepAnalyticsResolvers,
  WorkflowVersionResolvers,
} from "../generated/types.js";
import {
  definitionsById,
  draftsOfDefinitions,
  publishedOfDefinitions,
  triggersOfDefinitions,
  versionsOfDefinitions,
} from "../queries/definitions.js";
import { pageOfExecutions } from "../queries/executions.js";
import { present } from "./missing.js";
import { userOf } from "./references.js";

export const WorkflowDefinition: WorkflowDefinitionResolvers = {
  draft: ({ id }, _, ctx) => ctx.load(draftsOfDefinitions, id),
  published: ({ id }, _, ctx) => ctx.load(publishedOfDefinitions, id),
  versions: ({ id }, _, ctx) => ctx.loadList(versionsOfDefinitions, id),
  triggers: ({ id }, _, ctx) => ctx.loadList(triggersOfDefinitions, id),
  executions: ({ id }, { state, ...page }, ctx) => pageOfExecutions(ctx.db, { state, definitionId: id }, page),
  analytics: ({ id }, { from, to, version }, ctx) =>
    analyseWorkflow(ctx, { definitionId: id, from, to, version: version ?? null }),
  organization: ({ tenantId }) => ({ id: tenantId }),
  createdBy: ({ createdBy }) => userOf(createdBy),
};

export const WorkflowVersion: WorkflowVersionResolvers = {
  definition: ({ definitionId }, _, ctx) => present(ctx.load(definitionsById, definitionId)),
  findings: (version, _, ctx) => findingsOf(ctx, version),
  bpmn: (version, _, ctx) => storedBpmn(ctx, version),
  createdBy: ({ createdBy }) => userOf(createdBy),
  publishedBy: ({ publishedBy }) => userOf(publishedBy),
};

export const WorkflowAnalytics: WorkflowAnalyticsResolvers = {
  successRate: ({ completed, failed }) => (completed + failed === 0 ? null : completed / (completed + failed)),
  bottleneck: (analytics) => bottleneckOf(analytics),
};

export const WorkflowStepAnalytics: WorkflowStepAnalyticsResolvers = {
  waits: ({ type }) => waits(type),
};
