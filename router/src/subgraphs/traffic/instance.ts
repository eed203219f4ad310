/** One place a subgraph runs at, and what is known about how it is. */
import type { InstancePool } from "../wire/instance-pool.js";
import { EjectionState } from "./ejection.js";
import type { EjectionOptions, InstanceAddress } from "./subgraph-traffic.js";

export class Instance {
  readonly pool: InstancePool;
  readonly weight: number;
  readonly ejection: EjectionState | null;
  /** What the last health checks said. */
  isHealthy = true;
  /** Calls that run. */
  running = 0;
  /** For smooth weighted round robin. */
  credit = 0;

  constructor({ weight = 1 }: InstanceAddress, pool: InstancePool, ejection: EjectionOptions | false) {
    this.pool = pool;
    this.weight = weight;
    this.ejection = ejection ? new EjectionState(ejection) : null;
  }

  takesCalls(now: number): boolean {
    return this.isHealthy && this.ejection?.isOut(now) !== true;
  }
}
