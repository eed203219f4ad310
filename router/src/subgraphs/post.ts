/** From a body of the executor to an answer: headers by the rules, bytes, layers, connection, and the head of the client's answer. */
import { RouterError } from "../errors/router-error.js";
import { flat } from "./headers/flat-headers.js";
import { keyOfHeaders } from "./headers/forwarded-key.js";
import type { OutgoingHeaders, WriteHeaders } from "./headers/request-headers.js";
import type { CollectHead } from "./headers/response-headers.js";
import type { WireAnswer, WireRequest } from "./subgraph-call.js";
import { createSharing } from "./traffic/share.js";
import type { SubgraphTraffic } from "./traffic/subgraph-traffic.js";
import { ConnectionFailure } from "./wire/connection-failure.js";
import { multipartBody } from "./wire/multipart-body.js";
import type { Outgoing, Send } from "./wire/outgoing.js";
import type { ReceivedAnswer } from "./wire/received-answer.js";

export type Post = (request: WireRequest) => Promise<WireAnswer>;

export interface PostParts {
  readonly subgraph: string;
  readonly traffic: SubgraphTraffic;
  readonly headersFor: WriteHeaders;
  readonly collect: CollectHead;
  readonly send: Send;
}

type SendOne = (outgoing: Outgoing, request: WireRequest, headers: OutgoingHeaders) => Promise<ReceivedAnswer>;

const accept = ["accept", "application/graphql-response+json, application/json"];
const compressed = ["accept-encoding", "gzip, br, deflate"];
const json = ["content-type", "application/json"];

export function createPost({ subgraph, traffic, headersFor, collect, send }: PostParts): Post {
  const always = traffic.compressedAnswers ? [...accept, ...compressed] : accept;
  const alwaysJson = [...always, ...json];
  const sendOne = sharedWhenAsked(send, traffic);

  return async (request) => {
    const { context, files } = request;
    const headers = request.headers ?? headersFor(context);
    try {
      const outgoing = files?.length
        ? multipartRequest(request, headers, always)
        : jsonRequest(request, headers, alwaysJson);
      const answer = await sendOne(outgoing, request, headers);
      collect(context.head, (header) => answer.valuesOf(header));
      return answer;
    } catch (error) {
      throw asRouterError(error, subgraph);
    }
  };
}

function sharedWhenAsked(send: Send, { shareInFlight }: SubgraphTraffic): SendOne {
  if (!shareInFlight) return send;
  const share = createSharing(send, shareInFlight === true ? {} : shareInFlight);
  return (outgoing, { body, files }, headers) =>
    files?.length ? send(outgoing) : share(`${keyOfHeaders(headers)}\n${body}`, outgoing);
}

function jsonRequest(
  { kind, body, context }: WireRequest,
  headers: OutgoingHeaders,
  constant: readonly string[],
): Outgoing {
  return { kind, body, headers: flat(constant, headers), signal: context.facts.signal };
}

function multipartRequest(request: WireRequest, headers: OutgoingHeaders, constant: readonly string[]): Outgoing {
  const { contentType, body } = multipartBody(request.body, request.files ?? []);
  // Servers that fear forged form posts of browsers want a header no form can send.
  const own = [...constant, "content-type", contentType, "apollo-require-preflight", "true"];
  return { kind: request.kind, body, headers: flat(own, headers), signal: request.context.facts.signal };
}

function asRouterError(error: unknown, subgraph: string): unknown {
  if (!(error instanceof ConnectionFailure)) return error;
  return new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph }, { originalError: error });
}
