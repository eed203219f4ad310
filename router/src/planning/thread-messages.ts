/** What the router and its planning threads say to each other. */
import type { PlanningOptions } from "./build-planning.js";
import type { PlanRequest } from "./planner.js";

/** What a thread begins with. */
export interface ThreadData {
  readonly planning: PlanningOptions;
  /** To threads that answer requests. */
  readonly givesWay: boolean;
}

/** To a thread: one at a time. */
export type ToThread = PlanRequest;

export type FromThread =
  | { readonly kind: "ready" }
  /** The supergraph cannot be planned at all; the thread ends. */
  | { readonly kind: "broken"; readonly reason: string }
  /** JSON of `Planned`: text crosses threads faster than a tree of objects. */
  | { readonly kind: "planned"; readonly json: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string; readonly stack: string };
