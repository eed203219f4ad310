/** From a body of the executor to an answer: headers by the rules, bytes, layers, connection, and the head of the client's answer. */
import { RouterError } from "../errors/router-error.js";
import type { RemoteOptions } from "./connect-remote.js";
import type { OutgoingHeaders, WriteHeaders } from "./headers/request-headers.js";
import type { CollectHead } from "./headers/response-headers.js";
import type { WireAnswer, WireRequest } from "./subgraph-call.js";
import { openTraffic } from "./traffic/open-traffic.js";
import { ConnectionFailure } from "./wire/connection-failure.js";
import { multipartBody } from "./wire/multipart-body.js";
import type { Outgoing } from "./wire/outgoing.js";

export interface Sender {
  post(request: WireRequest): Promise<WireAnswer>;
  close(): Promise<void>;
}

const accept = ["accept", "application/graphql-response+json, application/json"];
const json = [...accept, "content-type", "application/json"];
const compressed = ["accept-encoding", "gzip, br, deflate"];

export function createPost(options: RemoteOptions, headersFor: WriteHeaders, collect: CollectHead): Sender {
  const { name, traffic } = options;
  const { send, close } = openTraffic(options);
  const always = traffic?.compressedAnswers ? compressed : [];
  const jsonAlways = [...json, ...always];

  async function post(request: WireRequest): Promise<WireAnswer> {
    const { context, files } = request;
    const headers = request.headers ?? headersFor(context);
    try {
      const outgoing = files?.length
        ? multipartRequest(request, headers, [...accept, ...always])
        : jsonRequest(request, headers, jsonAlways);
      const answer = await send(outgoing);
      collect(context.head, (header) => answer.valuesOf(header));
      return answer;
    } catch (error) {
      throw asRouterError(error, name);
    }
  }

  return { post, close };
}

function jsonRequest(
  { kind, body, context }: WireRequest,
  headers: OutgoingHeaders,
  constant: readonly string[],
): Outgoing {
  return {
    kind,
    body: Buffer.from(body, "latin1"),
    headers: flat(constant, headers),
    signal: context.facts.signal,
  };
}

function multipartRequest(request: WireRequest, headers: OutgoingHeaders, constant: readonly string[]): Outgoing {
  const { contentType, body } = multipartBody(request.body, request.files ?? []);
  // Servers that fear forged form posts of browsers want a header no form can send.
  const own = [...constant, "content-type", contentType, "apollo-require-preflight", "true"];
  return { kind: request.kind, body, headers: flat(own, headers), signal: request.context.facts.signal };
}

function flat(constant: readonly string[], headers: OutgoingHeaders): string[] {
  const all = constant.slice();
  for (const [name, value] of headers) all.push(name, value);
  return all;
}

function asRouterError(error: unknown, subgraph: string): unknown {
  if (!(error instanceof ConnectionFailure)) return error;
  return new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph }, { originalError: error });
}
