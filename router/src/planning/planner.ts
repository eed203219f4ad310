/** Plans operations of one supergraph, away from the thread that answers requests. */
import type { QueryPlan } from "@apollo/query-planner";

export interface PlanRequest {
  /** One operation with the fragments it uses, printed. Valid for the API schema. */
  readonly text: string;
  /** Labels of `@override(label:)` that are on for this request. */
  readonly overrides: readonly string[];
}

export interface Planned {
  /** Plain data. */
  readonly plan: QueryPlan;
  /** The operation that was planned: the one asked for, or one in which conflicting fields have private aliases. */
  readonly text: string;
  /** Private alias → the response name the client expects. Empty when nothing conflicted. */
  readonly responseNames: Readonly<Record<string, string>>;
}

export interface Planner {
  /** @throws RouterError UNPLANNABLE_OPERATION, PLANNING_TIMEOUT, PLANNING_FAILED. */
  plan(request: PlanRequest): Promise<Planned>;
  /** Operations that are being planned, and those that wait for a thread; absent where nothing waits. */
  load?(): PlannerLoad;
  close(): Promise<void>;
}

export interface PlannerLoad {
  readonly running: number;
  readonly waiting: number;
}
