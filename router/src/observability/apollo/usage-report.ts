/** Requests summed up the way Apollo's usage reports have them: by operation, client and version. No variables, no headers. */
import { hostname, release, type as system } from "node:os";
import { type IReport, Report } from "@apollo/usage-reporting-protobuf";
import { calculateReferencedFieldsByType } from "@apollo/utils.usagereporting";
import type { Operation } from "../../request/operations.js";
import { factsOf } from "../operation-facts.js";
import { clientOf, type RequestRecord } from "../request-record.js";
import { DurationHistogram } from "./duration-histogram.js";

interface ClientStats {
  readonly clientName: string;
  readonly clientVersion: string;
  readonly durations: DurationHistogram;
  requests: number;
  withErrors: number;
}

interface OperationStats {
  readonly referencedFieldsByType: ReturnType<typeof calculateReferencedFieldsByType>;
  readonly clients: Map<string, ClientStats>;
}

/** Operations and clients that are told apart in one report. More are left out, and counted. */
const mostEntries = 5_000;

export class UsageReport {
  readonly #operations = new Map<string, OperationStats>();
  readonly #keys = new WeakMap<Operation, string>();
  #requests = 0;
  #entries = 0;

  get isEmpty(): boolean {
    return this.#requests === 0;
  }

  add(record: RequestRecord): void {
    if (!record.operation) return;
    this.#requests += 1;
    const client = this.#clientStats(record, record.operation);
    if (!client) return;
    client.requests += 1;
    client.durations.add(record.durationMs);
    if (record.errorCodes.length > 0) client.withErrors += 1;
  }

  encode(graphRef: string, executableSchemaId: string): Uint8Array {
    const entries = [...this.#operations].map(([key, { referencedFieldsByType, clients }]) => {
      const statsWithContext = [...clients.values()].map(statsOf);
      return [key, { referencedFieldsByType, statsWithContext }] as const;
    });
    const report: IReport = {
      header: { ...header, graphRef, executableSchemaId },
      tracesPerQuery: Object.fromEntries(entries),
      endTime: { seconds: Math.floor(Date.now() / 1_000), nanos: (Date.now() % 1_000) * 1_000_000 },
      operationCount: this.#requests,
      tracesPreAggregated: true,
    };
    return Report.encode(report).finish();
  }

  #clientStats(record: RequestRecord, operation: Operation): ClientStats | null {
    const stats = this.#operationStats(record, operation);
    const { name: clientName, version: clientVersion } = clientOf(record.context);
    const key = `${clientName}\n${clientVersion}`;
    const known = stats.clients.get(key);
    if (known) return known;
    if (this.#entries >= mostEntries) return null;
    this.#entries += 1;
    const made = { clientName, clientVersion, durations: new DurationHistogram(), requests: 0, withErrors: 0 };
    stats.clients.set(key, made);
    return made;
  }

  #operationStats({ schema }: RequestRecord, operation: Operation): OperationStats {
    const key = this.#keys.get(operation) ?? `# ${operation.name ?? "-"}\n${factsOf(operation, schema).signature}`;
    this.#keys.set(operation, key);
    const known = this.#operations.get(key);
    if (known) return known;
    const { document, name } = operation;
    const fields = calculateReferencedFieldsByType({ document, schema, resolvedOperationName: name ?? null });
    const made = { referencedFieldsByType: fields, clients: new Map<string, ClientStats>() };
    this.#operations.set(key, made);
    return made;
  }
}

function statsOf({ clientName, clientVersion, durations, requests, withErrors }: ClientStats) {
  return {
    context: { clientName, clientVersion },
    queryLatencyStats: {
      latencyCount: durations.toArray(),
      requestCount: requests,
      requestsWithErrorsCount: withErrors,
      requestsWithoutFieldInstrumentation: requests,
    },
  };
}

const header = {
  hostname: hostname(),
  agentVersion: "tessera-router",
  runtimeVersion: `node ${process.version}`,
  uname: `${system()}, ${release()}, ${process.arch}`,
};
