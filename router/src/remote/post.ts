/** GraphQL over HTTP POST on connections that are kept open. */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from "graphql";
import { RouterError } from "../errors/router-error.js";
import { factsToHeaders } from "./facts-to-headers.js";

/** Larger answers of a subgraph are a fault of it. */
const largestAnswer = 64 * 1024 * 1024;

export function createPost(subgraph: string, url: URL) {
  const client = url.protocol === "https:" ? https : http;
  const agent = new client.Agent({ keepAlive: true, maxSockets: 256 });

  async function execute({ query, operationName, variables, facts }: SubgraphRequest): Promise<SubgraphResult> {
    const body = JSON.stringify({ query, operationName, variables });
    const headers = {
      ...factsToHeaders(facts),
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
      "content-length": String(Buffer.byteLength(body)),
    };
    const response = await send(headers, body, facts.signal);
    const result = read(await textOf(response, subgraph), subgraph);
    const setCookie = response.headers["set-cookie"];
    return setCookie ? { ...result, setCookie } : result;
  }

  function send(headers: Record<string, string>, body: string, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = client.request(url, { method: "POST", agent, headers, signal }, resolve);
      request.once("error", reject);
      request.end(body);
    });
  }

  return { execute, close: () => agent.destroy() };
}

async function textOf(response: IncomingMessage, subgraph: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestAnswer) throw new RouterError("SUBGRAPH_INVALID_RESPONSE", { subgraph });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @throws RouterError SUBGRAPH_INVALID_RESPONSE for anything that is not a GraphQL response. */
function read(text: string, subgraph: string): ExecutionResult {
  const answer = parsed(text);
  if (!isResponse(answer)) throw new RouterError("SUBGRAPH_INVALID_RESPONSE", { subgraph });
  return toResult(answer);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Response {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

function isResponse(value: unknown): value is Response {
  return typeof value === "object" && value !== null && ("data" in value || "errors" in value);
}

export function toResult({ data, errors }: Response): ExecutionResult {
  const known = errors?.map(
    ({ message, path, extensions }) =>
      new GraphQLError(message, { ...(path ? { path } : {}), ...(extensions ? { extensions } : {}) }),
  );
  return { ...(data === undefined ? {} : { data }), ...(known?.length ? { errors: known } : {}) };
}
