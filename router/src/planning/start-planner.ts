/** A planner for one supergraph: in threads of its own, or in this one. */
import type { Log } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import { SupergraphError } from "../supergraph/supergraph-error.js";
import { buildPlanning, type Plan, type PlanningOptions } from "./build-planning.js";
import type { Planned, Planner, PlanRequest } from "./planner.js";
import { PlannerPool } from "./planner-pool.js";
import { RefusedPlan } from "./refused-plan.js";

export interface PlannerOptions {
  readonly supergraphSdl: string;
  /** Threads (default 1). 0 plans on the calling thread, which then answers nothing else and knows no timeout. */
  readonly workers?: number;
  /** How long one operation may be planned (default 10,000); time in the queue does not count. */
  readonly timeoutMs?: number;
  /** How many plans are compared before the best so far is taken (default 1,000). */
  readonly maxEvaluatedPlans?: number;
  /** Default true. */
  readonly enableDefer?: boolean;
  /** Fetches for fragments on an interface apart by object type, where that saves fetches (default false). */
  readonly typeConditionedFetching?: boolean;
  /** Memory of one thread (default 1,024); an operation that takes more fails, and its thread is replaced. */
  readonly memoryMb?: number;
  /** Requests that may wait for a thread (default 1,000). */
  readonly maxWaiting?: number;
  /** Threads take what those leave that answer requests: on Linux, where each has a priority. Default false. */
  readonly givesWay?: boolean;
  readonly log?: Log;
}

/** Resolves when it can plan: let it run beside other work of a start. @throws SupergraphError SUPERGRAPH_INVALID. */
export async function startPlanner(options: PlannerOptions): Promise<Planner> {
  const planning = planningOptions(options);
  const { workers = 1, timeoutMs = 10_000, memoryMb = 1_024, maxWaiting = 1_000, givesWay = false, log } = options;
  if (workers === 0) return new PlannerHere(build(planning));
  return PlannerPool.start({ planning, workers, timeoutMs, memoryMb, maxWaiting, givesWay, log });
}

/** Everything plans depend on, with its defaults. */
export function planningOptions(options: PlannerOptions): PlanningOptions {
  return {
    supergraphSdl: options.supergraphSdl,
    maxEvaluatedPlans: options.maxEvaluatedPlans ?? 1_000,
    enableDefer: options.enableDefer ?? true,
    typeConditionedFetching: options.typeConditionedFetching ?? false,
  };
}

function build(planning: PlanningOptions): Plan {
  try {
    return buildPlanning(planning);
  } catch (error) {
    const reason = (error as Error).message.replace(/\.$/, "");
    throw new SupergraphError("SUPERGRAPH_INVALID", { reason }, { cause: error });
  }
}

class PlannerHere implements Planner {
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  async plan(request: PlanRequest): Promise<Planned> {
    try {
      // Plans of the planner share parts and have prototypes; those of a thread are plain, and so are these.
      return JSON.parse(JSON.stringify(this.#plan(request))) as Planned;
    } catch (error) {
      if (error instanceof RefusedPlan) throw new RouterError("UNPLANNABLE_OPERATION", { reason: error.message });
      throw new RouterError("PLANNING_FAILED", {}, { originalError: error as Error });
    }
  }

  async close(): Promise<void> {}
}
