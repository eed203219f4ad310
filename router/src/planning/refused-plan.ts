import { GraphQLError } from "graphql";

/** Thrown where an operation is planned: it has no plan, and its sender should know why. */
export class RefusedPlan extends Error {
  /** `reason` becomes part of a sentence. */
  constructor(reason: string) {
    super(reason.replace(/\.\s*$/, ""));
    this.name = "RefusedPlan";
  }
}

/** The planner refuses by plain errors: what it says, and what that means to the sender. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^@defer is not supported on subscriptions/, "@defer cannot be used in a subscription"],
  [/^Exceeded maximum recursive selections/, "its fragments unfold to more than ten million selections"],
  [/^Too many options generated/, "there are too many ways to reach its fields. Ask for less at once"],
  [/^Was not able to (find any options|plan)/, "no combination of modules has all of its fields"],
  [/^Shouldn't have a \w+ operation/, "no module has operations of its kind"],
];

/** Why `error` of the planner is about the operation; `undefined` when something broke. */
export function refusalOf(error: unknown): RefusedPlan | undefined {
  if (!(error instanceof Error)) return undefined;
  const known = refusals.find(([pattern]) => pattern.test(error.message));
  if (known) return new RefusedPlan(known[1]);
  return error instanceof GraphQLError ? new RefusedPlan(error.message) : undefined;
}
