/** From data and errors to the answer of a client: what else it says, and how long it may be kept. */
import { settlePolicy } from "../caching/settle-policy.js";
import type { FormatErrors } from "../errors/format-errors.js";
import type { Executed, Execution } from "../execution/executable.js";
import { largePackages } from "../large-packages.js";
import type { Prepared } from "../supergraph/generation.js";
import { answerWith, type Extensions } from "./client-answer.js";
import { fromJson, type JsonText } from "./json-text.js";
import type { ClientAnswer } from "./outcome.js";
import type { RequestContext } from "./request-context.js";
import type { Course } from "./run-operation.js";

export interface FinishOptions {
  readonly formatErrors: FormatErrors;
  /** Clients that ask for it see how their operation was planned. */
  readonly showsPlans: boolean;
}

/** Whoever sends this header, as Apollo's explorer does, wants to see the plan. */
export const planHeader = "apollo-query-plan-experimental";

/** Answers a query or a mutation, and notes in the course what it has cost. */
export function createFinish({ formatErrors, showsPlans }: FinishOptions) {
  return (course: Course, prepared: Prepared, execution: Execution, { data, errors }: Executed): ClientAnswer => {
    const { context } = execution;
    settlePolicy(context.head, { ...prepared, hasErrors: errors.length > 0 });
    measure(course, prepared, execution, data);
    const shown = errors.length === 0 ? none : formatErrors(errors, context);
    return answerWith(data, shown, extensionsOf(course, prepared, showsPlans && asksForPlan(context)));
  };
}

const none: readonly never[] = [];

export function asksForPlan({ clientHeaders }: RequestContext): boolean {
  return clientHeaders[planHeader] !== undefined;
}

function measure(course: Course, { generation, operation }: Prepared, execution: Execution, data: JsonText): void {
  if (!course.cost || !generation.cost.measuresActual) return;
  const actual = generation.cost.actual(operation, execution.variables, fromJson(data.text));
  course.cost = { ...course.cost, actual };
}

/** Most answers have none, and no object is made for them. */
function extensionsOf(
  { cost }: Course,
  { generation, wouldRemove, plan }: Prepared,
  showsPlan: boolean,
): Extensions | undefined {
  const showsCost = cost !== null && generation.cost.isExposed;
  if (!showsCost && !wouldRemove && !showsPlan) return undefined;
  return {
    ...(showsCost ? { cost } : {}),
    ...(wouldRemove ? { authorization: { wouldRemove } } : {}),
    // What Apollo's gateway answers, so that its explorer can read it.
    ...(showsPlan
      ? { __queryPlanExperimental: plan?.node ? largePackages.queryPlanner().prettyFormatQueryPlan(plan) : true }
      : {}),
  };
}
