/** How a process reaches the supergraph: the router beside it, or the router's address. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestFacts } from "@tessera/shared-types";
import { graphErrors } from "./graph-errors.js";

/** One GraphQL request, as it would go over HTTP. */
export interface GraphCall {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: RequestFacts["signal"];
}

export interface GraphReply {
  /** Of HTTP. */
  readonly status: number;
  /** `{ data, errors }`, or whatever else answered. */
  readonly body: unknown;
}

export interface GraphDoor {
  /** Rejects when nobody could be reached, or the signal was aborted. */
  execute(call: GraphCall): Promise<GraphReply>;
}

/** Larger answers are refused: a module reads what it asked for into memory. */
const largestAnswer = 12 * 1024 * 1024;

/** The supergraph at a router's `/graphql`. While nobody listens there, which happens at a start, it is tried again. */
export function graphAt(url: URL): GraphDoor {
  return {
    execute: async (call) => {
      for (;;) {
        try {
          return await post(url, call);
        } catch (error) {
          if (!isRefused(error)) throw error;
          await sleep(betweenTriesMs, null, { signal: call.signal });
        }
      }
    },
  };
}

const betweenTriesMs = 250;

/** Nobody has seen the request, so it may be sent again. */
function isRefused(error: unknown): boolean {
  return (error as { cause?: { code?: unknown } }).cause?.code === "ECONNREFUSED";
}

async function post(url: URL, { headers, signal, ...operation }: GraphCall): Promise<GraphReply> {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(operation),
    redirect: "error",
    signal,
  });
  return { status: response.status, body: readJson(await readText(response)) };
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    size += next.value.length;
    if (size > largestAnswer) {
      await reader?.cancel();
      throw graphErrors.GRAPH_ANSWER_TOO_LARGE({ limit: largestAnswer });
    }
    chunks.push(next.value);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
