/** A subgraph in another process: GraphQL over HTTP for requests, one of three protocols for subscriptions. */

import type { SubgraphRequest, SubgraphResult } from "@tessera/shared-types";
import { fromLatin1, toJson } from "../request/json-text.js";
import { createRequestContext } from "../request/request-context.js";
import type { HeaderRules } from "./headers/header-rules.js";
import { compileRequestHeaders } from "./headers/request-headers.js";
import { compileResponseHeaders } from "./headers/response-headers.js";
import { tesseraHeaders } from "./headers/tessera-headers.js";
import { createPost } from "./post.js";
import type { CallbackReceiver } from "./streams/callback-receiver.js";
import { openStreams } from "./streams/open-streams.js";
import type { StreamOptions } from "./streams/stream-options.js";
import type { RemoteConnection, WireRequest } from "./subgraph-call.js";
import { openTraffic } from "./traffic/open-traffic.js";
import type { InstanceAddress, SubgraphTraffic } from "./traffic/subgraph-traffic.js";
import { readResponse } from "./wire/graphql-answer.js";

/** A subgraph in another process, and how it is reached. */
export interface RemoteOptions {
  readonly name: string;
  /** `http(s)://…/graphql`. */
  readonly url?: string;
  /** Several instances of the same subgraph, in place of `url`. */
  readonly urls?: readonly InstanceAddress[];
  /** What is forwarded. Default `tesseraHeaders`; subgraphs of others get only what their rules say. */
  readonly headers?: HeaderRules;
  readonly traffic?: SubgraphTraffic;
  readonly subscriptions?: StreamOptions;
  /** For subscriptions by callbacks: one receiver serves all subgraphs. */
  readonly callbacks?: CallbackReceiver;
}

/** Nothing is opened before the first request (or health check), so a subgraph may start later than the router. */
export function connectRemote(options: RemoteOptions): RemoteConnection {
  const { name, headers: headerRules = tesseraHeaders } = options;
  const headersFor = compileRequestHeaders(headerRules);
  const traffic = openTraffic(options);
  const post = createPost({
    subgraph: name,
    traffic: options.traffic ?? {},
    headersFor,
    collect: compileResponseHeaders(headerRules),
    send: traffic.send,
  });
  const streams = openStreams(options, { traffic, headersFor });

  async function execute(request: SubgraphRequest): Promise<SubgraphResult> {
    const wired = wireRequest(request);
    const { text } = await post(wired);
    const result = readResponse(fromLatin1(text), name);
    const { setCookie } = wired.context.head;
    return setCookie.length > 0 ? { ...result, setCookie } : result;
  }

  return {
    name,
    headerRules,
    headersFor,
    post,
    execute,
    ...(traffic.breaker ? { breakerState: traffic.breaker.state } : {}),
    subscribe: (request) => streams.open(request),
    async close() {
      await Promise.all([streams.close(), traffic.close()]);
    },
  };
}

/** Whoever has only the query text is taken to change something, unless it begins like a query. */
function wireRequest({ query, operationName, variables, facts }: SubgraphRequest): WireRequest {
  return {
    body: toJson({ query, operationName, variables }),
    kind: /^\s*(\{|query\b)/.test(query) && !/\bmutation\b/.test(query) ? "query" : "mutation",
    context: createRequestContext(facts, {}),
  };
}
