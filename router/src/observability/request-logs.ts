/** The access log, one line for each operation, and the log of slow ones. Neither has variables, tokens or data. */
import type { Log } from "@tessera/telemetry";
import { factsOf } from "./operation-facts.js";
import { planSummary } from "./plan-summary.js";
import { clientOf, type RequestRecord } from "./request-record.js";

/** Section `telemetry.accessLog`. */
export interface AccessLogOptions {
  /** Share of the requests without errors that get a line, from 0 to 1; those with errors always do. Default 1. */
  readonly sample?: number;
}

export function createAccessLog(
  log: Log,
  { sample = 1 }: AccessLogOptions = {},
  random: () => number = Math.random,
): (record: RequestRecord) => void {
  return (record) => {
    if (record.errorCodes.length === 0 && sample < 1 && random() >= sample) return;
    log.info(lineOf(record), "request");
  };
}

/** Lines for operations that took `slowMs` or longer, with the plan they ran by. */
export function createSlowLog(log: Log, slowMs: number): (record: RequestRecord) => void {
  return (record) => {
    if (record.durationMs < slowMs) return;
    const plan = record.plan ? { plan: planSummary(record.plan) } : {};
    log.warn({ ...lineOf(record), ...plan }, "slow operation");
  };
}

function lineOf(record: RequestRecord): Record<string, unknown> {
  const { context, operation, schema } = record;
  const client = clientOf(context);
  return {
    requestId: context.facts.requestId,
    ...(operation
      ? { operation: operation.name ?? null, kind: operation.kind, hash: factsOf(operation, schema).hash }
      : {}),
    ...(client.name === "" ? {} : { client: client.name }),
    ...(client.version === "" ? {} : { clientVersion: client.version }),
    status: record.status,
    ...(record.errorCodes.length === 0 ? {} : { errors: [...new Set(record.errorCodes)] }),
    durationMs: Math.round(record.durationMs * 10) / 10,
    subgraphCalls: record.subgraphCalls,
    bytes: record.bytes,
    ...(record.cost ? { cost: record.cost } : {}),
  };
}
