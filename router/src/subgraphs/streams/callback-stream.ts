/** Subscriptions whose events the subgraph sends by HTTP callbacks: no connection is held while nothing happens. */

import { fromLatin1 } from "../../request/json-text.js";
import { flat } from "../headers/flat-headers.js";
import type { WriteHeaders } from "../headers/request-headers.js";
import type { StreamRequest } from "../subgraph-call.js";
import { readResponse } from "../wire/graphql-answer.js";
import type { Outgoing, Send } from "../wire/outgoing.js";
import type { CallbackReceiver, CallbackTicket } from "./callback-receiver.js";
import { openEvents } from "./open-events.js";
import { streamFailure } from "./stream-failure.js";
import { contextOf, operationJson } from "./stream-request.js";
import type { EventSink, StreamSource } from "./stream-source.js";

export interface CallbackSourceOptions {
  readonly subgraph: string;
  readonly receiver: CallbackReceiver;
  readonly maxWaitingEvents: number;
  readonly headersOf: WriteHeaders;
  readonly send: Send;
}

const constant = ["accept", "application/json;callbackSpec=1.0, application/json", "content-type", "application/json"];

export function createCallbackSource(options: CallbackSourceOptions): StreamSource {
  const { subgraph, receiver, maxWaitingEvents, headersOf, send } = options;

  /** The subgraph answers the operation itself with errors or with nothing. */
  async function ask(request: StreamRequest, ticket: CallbackTicket): Promise<void> {
    const body = operationJson(request, { subscription: ticket.extension });
    const headers = flat(constant, headersOf(contextOf(request)));
    const outgoing: Outgoing = { kind: "subscription", body, headers, signal: request.facts.signal };
    const { text } = await send(outgoing);
    const [refusal] = readResponse(fromLatin1(text), subgraph).errors ?? [];
    if (refusal) throw refusal;
  }

  function start(request: StreamRequest, sink: EventSink): () => void {
    const ticket = receiver.open(subgraph, sink);
    ask(request, ticket).catch((error) => {
      ticket.close();
      sink.fail(streamFailure(error, subgraph));
    });
    return ticket.close;
  }

  return {
    open: async (request) => openEvents(request.facts.signal, maxWaitingEvents, (sink) => start(request, sink)),
    close: async () => {},
  };
}
