/** One query or mutation of somebody in this process: what a POST would do, without a socket. */
import type { Log } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import { refusalOf, statusOf } from "../http/write-answer.js";
import { ClientRequest, type IdentifyClient } from "./client-request.js";
import { Deadlines } from "./deadlines.js";
import { type JsonText, toBytes } from "./json-text.js";
import type { RunOperation } from "./outcome.js";
import { type ClientHeaders, createRequestContext } from "./request-context.js";

export interface DirectRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** Lower-case names, as a client would send them: `authorization` says who asks, `x-request-id` names the request. */
  readonly headers: ClientHeaders;
  /** The caller waits no more. */
  readonly signal?: AbortSignal;
  readonly clientAddress?: string;
}

export interface DirectAnswer {
  /** As over HTTP, for `application/json`. */
  readonly status: number;
  /** `{ data, errors }`. */
  readonly body: unknown;
}

export interface DirectOptions {
  readonly run: RunOperation;
  readonly identify: IdentifyClient;
  readonly log: Log;
  /** Default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
}

/** Never rejects: what refuses the request is an answer. */
export type ExecuteDirectly = (request: DirectRequest, requestId: string) => Promise<DirectAnswer>;

export function createExecuteDirectly(options: DirectOptions): ExecuteDirectly {
  const deadlines = new Deadlines(options.requestTimeoutMs ?? 10_000);
  return async (request, requestId) => {
    try {
      return await execute(request, requestId, options, deadlines);
    } catch (error) {
      const { status, body } = refusalOf(error, requestId, options.log);
      return { status, body: parse(body) };
    }
  };
}

async function execute(
  { headers, signal, clientAddress, ...operation }: DirectRequest,
  requestId: string,
  { run, identify }: DirectOptions,
  deadlines: Deadlines,
): Promise<DirectAnswer> {
  const identity = await identify(headers);
  const client = new ClientRequest({ requestId, identity, deadlines, clientAddress });
  const leave = () => client.abort(new RouterError("REQUEST_ABORTED"));
  if (signal?.aborted) leave();
  signal?.addEventListener("abort", leave, { once: true });
  try {
    const context = createRequestContext(client.facts, headers, client);
    const outcome = await run(operation, context, { mayStream: false, mayMutate: true });
    if (outcome.kind !== "single") throw new RouterError("SUBSCRIPTION_NEEDS_STREAM");
    return { status: statusOf(outcome.answer, "application/json"), body: parse(outcome.answer.body) };
  } finally {
    signal?.removeEventListener("abort", leave);
    client.end();
  }
}

function parse(body: JsonText): unknown {
  return JSON.parse(toBytes(body).toString("utf8"));
}
