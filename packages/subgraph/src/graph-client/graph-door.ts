/** How a process reaches the supergraph: the router beside it, or the router's address. */
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

/** The supergraph at a router's `/graphql`. */
export function graphAt(url: URL): GraphDoor {
  return {
    execute: async ({ headers, signal, ...operation }) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(operation),
        redirect: "error",
        signal,
      });
      return { status: response.status, body: readJson(await readText(response)) };
    },
  };
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
