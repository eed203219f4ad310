/** Asks every instance regularly whether it is well, so that calls find out less often. */
import type { Instance } from "./instance.js";
import type { HealthCheckOptions } from "./subgraph-traffic.js";

/** Begins at once and keeps no process alive. What it returns ends it. */
export function startHealthChecks(instances: readonly Instance[], options: HealthCheckOptions): () => void {
  const { intervalMs = 10_000 } = options;
  const checks = instances.map((instance) => createCheck(instance, options));
  const runAll = () => {
    for (const check of checks) void check();
  };
  const timer = setInterval(runAll, intervalMs).unref();
  runAll();
  return () => clearInterval(timer);
}

/** Several results in a row change the mind, a single one does not. */
function createCheck(instance: Instance, options: HealthCheckOptions): () => Promise<void> {
  const { unhealthyAfter = 3, healthyAfter = 2 } = options;
  let against = 0;
  let isRunning = false;
  return async () => {
    if (isRunning) return;
    isRunning = true;
    const isWell = await answersWell(instance, options);
    isRunning = false;
    against = isWell === instance.isHealthy ? 0 : against + 1;
    if (against < (isWell ? healthyAfter : unhealthyAfter)) return;
    instance.isHealthy = isWell;
    against = 0;
  };
}

async function answersWell({ pool }: Instance, { path = "/health", timeoutMs = 2_000 }: HealthCheckOptions) {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const { statusCode, body } = await pool.pool.request({ path, method: "GET", signal });
    await body.dump();
    return statusCode < 400;
  } catch {
    return false;
  }
}
