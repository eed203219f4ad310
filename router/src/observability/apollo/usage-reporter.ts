/** Sends usage reports to Apollo GraphOS when an operator has given a key. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Log } from "@tessera/telemetry";
import { request } from "undici";
import type { RequestRecord } from "../request-record.js";
import { UsageReport } from "./usage-report.js";

/** Section `telemetry.apollo`. */
export interface ApolloReportingOptions {
  readonly key: string;
  /** Such as `my-graph@production`. */
  readonly graphRef: string;
  /** Default `https://usage-reporting.api.apollographql.com`. */
  readonly endpoint?: string;
  /** Default 15,000. */
  readonly intervalMs?: number;
}

export interface ApolloReporter {
  add(record: RequestRecord): void;
  /** The supergraph that is served from now on; what was counted before is reported for the one before. */
  setSupergraph(sdl: string): void;
  /** Sends what has been counted. Never rejects. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const compress = promisify(gzip);
const attempts = 4;
const answerTimeoutMs = 10_000;

export function createApolloReporter(
  {
    key,
    graphRef,
    endpoint = "https://usage-reporting.api.apollographql.com",
    intervalMs = 15_000,
  }: ApolloReportingOptions,
  { log, supergraphSdl, waitMs = 500 }: { readonly log: Log; readonly supergraphSdl: string; readonly waitMs?: number },
): ApolloReporter {
  const post = createPost(new URL("/api/ingress/traces", endpoint), key);
  let schemaId = schemaIdOf(supergraphSdl);
  let report = new UsageReport();
  let sending: Promise<void> = Promise.resolve();

  async function send(full: UsageReport, id: string): Promise<void> {
    const body = await compress(full.encode(graphRef, id));
    for (let attempt = 1; ; attempt += 1) {
      const failure = await post(body);
      if (!failure) return;
      if (attempt === attempts || !failure.mayRetry) {
        return log.warn({ reason: failure.reason, graphRef }, "A usage report was not taken, and is given up.");
      }
      await sleep(waitMs * 2 ** (attempt - 1), undefined, { ref: false });
    }
  }

  function flush(): Promise<void> {
    if (!report.isEmpty) {
      const full = report;
      const id = schemaId;
      report = new UsageReport();
      sending = sending.then(() => send(full, id));
    }
    return sending;
  }

  const timer = setInterval(flush, intervalMs).unref();
  return {
    add: (record) => report.add(record),
    setSupergraph(sdl) {
      void flush();
      schemaId = schemaIdOf(sdl);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

interface Failure {
  readonly reason: string;
  /** Another try may help. */
  readonly mayRetry: boolean;
}

/** What it makes resolves with null when the report was taken. */
function createPost(url: URL, key: string): (body: Buffer) => Promise<Failure | null> {
  const headers = {
    "user-agent": "tessera-router",
    accept: "application/json",
    "content-type": "application/protobuf",
    "content-encoding": "gzip",
    "x-api-key": key,
  };
  return async (body) => {
    try {
      const signal = AbortSignal.timeout(answerTimeoutMs);
      const answer = await request(url, { method: "POST", headers, body, signal });
      await answer.body.dump();
      if (answer.statusCode < 300) return null;
      return { reason: `status ${answer.statusCode}`, mayRetry: answer.statusCode >= 500 || answer.statusCode === 429 };
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), mayRetry: true };
    }
  };
}

/** How GraphOS knows a supergraph. */
const schemaIdOf = (sdl: string): string => createHash("sha256").update(sdl).digest("hex");
