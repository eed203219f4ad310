/** Writes what an operation came to, in the form the client accepts. */
import { RouterError } from "../errors/router-error.js";
import type { ClientRequest } from "../request/client-request.js";
import type { Outcome } from "../request/outcome.js";
import type { AnswerHead } from "../request/request-context.js";
import { type Accepted, graphqlResponse, json } from "./accept.js";
import type { Exchange } from "./exchange.js";
import { once } from "./outcome-messages.js";
import type { Streams } from "./streams.js";
import { statusOf, type ThresholdBytes, takeHead, writeBody } from "./write-answer.js";

export interface Responding {
  readonly exchange: Exchange;
  readonly accepted: Accepted;
  readonly client: ClientRequest;
  readonly head: AnswerHead;
}

/** @throws RouterError NOT_ACCEPTABLE when the client takes no such stream. */
export function createRespond(streams: Streams, threshold: ThresholdBytes) {
  return (outcome: Outcome, { exchange, accepted, client, head }: Responding): void | Promise<void> => {
    takeHead(exchange, head);
    if (outcome.kind === "single") {
      const { answer } = outcome;
      const { single: as } = accepted;
      if (as === "events") return streams.answerEvents(exchange, client, once(answer));
      if (as === "multipart")
        return streams.parts(exchange, client, once({ body: answer.body, hasNext: false }), accepted.partForm);
      if (as === null) throw notAcceptable();
      return writeBody(exchange, statusOf(answer, as), as, answer.body, threshold);
    }
    if (outcome.kind === "parts") {
      if (accepted.parts === "multipart") return streams.parts(exchange, client, outcome.parts, accepted.partForm);
      if (accepted.parts === "events") return streams.answerEvents(exchange, client, outcome.parts);
      return refuseStream(outcome.parts, streamNotAcceptable());
    }
    if (streams.ending) return refuseStream(outcome.events, streams.ending);
    client.becomeStream();
    if (accepted.stream === "multipart") return streams.subscription(exchange, client, outcome.events);
    if (accepted.stream === "events") return streams.events(exchange, client, outcome.events);
    return refuseStream(outcome.events, streamNotAcceptable());
  };
}

export function notAcceptable(): RouterError {
  return new RouterError("NOT_ACCEPTABLE", { offered: `${json} or ${graphqlResponse}` });
}

function streamNotAcceptable(): RouterError {
  return new RouterError("NOT_ACCEPTABLE", { offered: "text/event-stream or multipart/mixed" });
}

async function refuseStream(source: AsyncIterable<unknown>, reason: RouterError): Promise<never> {
  await source[Symbol.asyncIterator]().return?.();
  throw reason;
}
