/** Demand control: what operations may cost, each and per client. */

import type { Log } from "@tessera/telemetry";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { RouterError } from "../../errors/router-error.js";
import type { Demand } from "../../supergraph/demand.js";
import { networkOf } from "../client-network.js";
import { createMemoryWindows } from "../memory-windows.js";
import { takePatiently } from "../patient-windows.js";
import type { RateSubject } from "../rate-limiter.js";
import { countOf, type WindowAnswer, type WindowRule, type WindowStore, waitFor } from "../windows.js";
import { type ActualCost, compileActualCost } from "./actual-cost.js";
import { type CompiledCost, compileCost, costWith } from "./estimate-cost.js";
import type { Variables } from "./list-length.js";
import { Weights } from "./weights.js";

/** Section `cost`. */
export interface CostOptions {
  /** `measure` estimates and refuses nothing; `enforce` refuses what is too expensive. Default `off`. */
  readonly mode?: "off" | "measure" | "enforce";
  /** The most one operation may be estimated to cost. Default 1,000. */
  readonly max?: number;
  /** Length of a list that has no `@listSize`. Default 10. */
  readonly defaultListSize?: number;
  /**
   * What one client may spend in a sliding window; a user or service, else a network address. Kept where requests are
   * counted, see `rateLimit.store`. Default: no budget.
   */
  readonly budget?: { readonly perClient: number; readonly windowSeconds: number };
  /** Tells clients in `extensions.cost` what their operation was estimated to cost and what it did. Default false. */
  readonly expose?: boolean;
}

export interface CostedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export interface CostVerdict {
  /** 0 in mode `off`. */
  readonly estimated: number;
  /** COST_ESTIMATED_TOO_EXPENSIVE, LIST_SIZE_REQUIRED or COST_BUDGET_EXCEEDED; in mode `measure` what would refuse. */
  readonly problem: RouterError | null;
  /** Whether `problem` has to be answered instead of running the operation. */
  readonly isRefused: boolean;
}

/** What is known of the cost of one request. */
export interface OperationCost {
  readonly estimated: number;
  /** Of the answer that was given; absent where nobody asked for it. */
  readonly actual?: number;
}

export interface CostControl {
  /** Costs are estimated at all. */
  readonly isOn: boolean;
  /** What answers have cost is to be worked out, which takes reading each of them. */
  readonly measuresActual: boolean;
  /** Clients are told. */
  readonly isExposed: boolean;
  /** `variables` are coerced. At once, unless a budget is kept in a shared store. */
  check(operation: CostedOperation, variables: Variables, subject: RateSubject): CostVerdict | Promise<CostVerdict>;
  /** What the answer has cost; `data` is plain data by response key. */
  actual(operation: CostedOperation, variables: Variables, data: unknown): number;
}

export interface CostParts {
  readonly schema: GraphQLSchema;
  readonly demand: Demand;
  readonly log: Log;
  /** Where budgets are kept. Default: in this process. While it is away nothing is charged. */
  readonly store?: WindowStore;
}

const free: CostVerdict = { estimated: 0, problem: null, isRefused: false };

export function createCostControl(options: CostOptions, parts: CostParts): CostControl {
  const { mode = "off", max = 1_000, defaultListSize = 10, budget, expose = false } = options;
  const isOn = mode !== "off";
  const { schema } = parts;
  const weights = new Weights(schema, parts.demand);
  const estimates = new WeakMap<OperationDefinitionNode, CompiledCost>();
  const actuals = new WeakMap<OperationDefinitionNode, ActualCost>();
  const charge = budget && createCharge(budget, parts);
  const verdict = (estimated: number, problem: RouterError | null): CostVerdict => ({
    estimated,
    problem,
    isRefused: problem !== null && mode === "enforce",
  });

  function compiled(source: CostedOperation): CompiledCost {
    const known = estimates.get(source.operation) ?? compileCost(source, { schema, weights, defaultListSize });
    estimates.set(source.operation, known);
    return known;
  }

  return {
    isOn,
    measuresActual: mode === "measure" || (isOn && expose),
    isExposed: isOn && expose,
    check(source, variables, subject) {
      if (!isOn) return free;
      const { cost, slicingRules } = compiled(source);
      const estimated = costWith(cost, variables);
      const broken = slicingRules.find(({ given }) => costWith(given, variables) !== 1);
      if (broken)
        return verdict(
          estimated,
          new RouterError("LIST_SIZE_REQUIRED", { names: broken.names.join(", "), coordinate: broken.coordinate }),
        );
      if (estimated > max)
        return verdict(estimated, new RouterError("COST_ESTIMATED_TOO_EXPENSIVE", { cost: estimated, max }));
      const problem = charge?.(subject, estimated) ?? null;
      return problem instanceof Promise
        ? problem.then((found) => verdict(estimated, found))
        : verdict(estimated, problem);
    },
    actual(source, variables, data) {
      const known = actuals.get(source.operation) ?? compileActualCost(source, schema, weights);
      actuals.set(source.operation, known);
      return known(data, variables);
    },
  };
}

type Charge = (subject: RateSubject, cost: number) => RouterError | null | Promise<RouterError | null>;

/** An operation that does not fit into what is left is refused and costs nothing. */
function createCharge({ perClient, windowSeconds }: NonNullable<CostOptions["budget"]>, parts: CostParts): Charge {
  const take = takePatiently(parts.store ?? createMemoryWindows(), { log: parts.log });
  const windowMs = windowSeconds * 1_000;

  function judge(rule: WindowRule, cost: number, answer: WindowAnswer | null): RouterError | null {
    const state = answer?.states[0];
    if (!answer || answer.isAllowed || !state) return null;
    const remaining = Math.max(0, Math.floor(perClient - countOf(state, windowMs)));
    const retryAfterSeconds = Math.ceil(waitFor(state, rule, cost) / 1_000);
    return new RouterError("COST_BUDGET_EXCEEDED", { cost, remaining, limit: perClient, retryAfterSeconds });
  }

  return ({ actor, clientAddress }, cost) => {
    if (cost === 0) return null;
    const client = actor ? `{${actor.tenantId}} ${actor.kind} ${actor.id}` : `{${networkOf(clientAddress)}}`;
    const rule: WindowRule = { key: `cost ${client}`, limit: perClient, windowMs };
    const answer = take([rule], cost);
    return answer instanceof Promise ? answer.then((found) => judge(rule, cost, found)) : judge(rule, cost, answer);
  };
}
