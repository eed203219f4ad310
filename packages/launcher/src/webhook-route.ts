/**
 * Where other systems set off workflows: a POST to `/webhooks/workflows/<organization>/<trigger>` with the headers
 * `x-tessera-timestamp` and `x-tessera-signature`. It becomes the public mutation `receiveWorkflowWebhook`, so limits,
 * traces and metrics are those of every operation, in both topologies.
 */
import type { IncomingMessage } from "node:http";
import type { DirectAnswer, Exchange, Route, Router } from "@tessera/router";

const prefix = "/webhooks/workflows/";
/** Bytes of a body; the mutation allows as many. */
const largestBody = 256 * 1024;

const receive = `mutation ReceiveWorkflowWebhook($organizationId: ID!, $triggerId: ID!, $timestamp: String!,
  $signature: String!, $body: String!) {
  receiveWorkflowWebhook(organizationId: $organizationId, triggerId: $triggerId, timestamp: $timestamp,
    signature: $signature, body: $body) { accepted executionId }
}`;

/** Of codes that are no internal matter. */
const statuses: Readonly<Record<string, number>> = {
  WEBHOOK_REFUSED: 401,
  WEBHOOK_OFF: 409,
  WEBHOOK_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  INTERNAL_SERVER_ERROR: 500,
};

export function webhookRoute(router: Pick<Router, "execute">): Route {
  return {
    prefix,
    handle: async (exchange) => {
      const [organizationId = "", triggerId = "", ...more] = exchange.path.slice(prefix.length).split("/");
      if (more.length > 0 || triggerId === "") return refuse(exchange, 404, "NOT_FOUND", "There is no such webhook.");
      const { method } = exchange.request;
      if (method !== "POST") return refuse(exchange, 405, "METHOD_NOT_ALLOWED", "Send a POST.", ["allow", "POST"]);
      const body = await readBody(exchange.request);
      if (body === null) return refuse(exchange, 413, "WEBHOOK_TOO_LARGE", `Send ${largestBody} bytes at most.`);
      if (body === undefined) return refuse(exchange, 400, "BAD_REQUEST", "The body is no UTF-8 text.");
      const answer = await router.execute(requestOf(exchange, { organizationId, triggerId, body }));
      write(exchange, answer);
    },
  };
}

function requestOf({ request, requestId }: Exchange, variables: Readonly<Record<string, string>>) {
  const header = (name: string) => String(request.headers[name] ?? "");
  const signed = { timestamp: header("x-tessera-timestamp"), signature: header("x-tessera-signature") };
  const { remoteAddress } = request.socket;
  return {
    query: receive,
    variables: { ...variables, ...signed },
    headers: { "x-request-id": requestId },
    ...(remoteAddress === undefined ? {} : { clientAddress: remoteAddress }),
  };
}

function write(exchange: Exchange, { status, body }: DirectAnswer): void {
  const { data, errors } = (body ?? {}) as {
    data?: { receiveWorkflowWebhook?: object | null } | null;
    errors?: { message: string; extensions?: { code?: string } }[];
  };
  const receipt = data?.receiveWorkflowWebhook;
  if (receipt) {
    writeJson(exchange, 202, receipt);
    return;
  }
  const { message = "The call failed.", extensions } = errors?.[0] ?? {};
  const code = extensions?.code ?? "INTERNAL_SERVER_ERROR";
  refuse(exchange, statuses[code] ?? (status >= 400 ? status : 503), code, message);
}

function refuse(exchange: Exchange, status: number, code: string, message: string, headers: string[] = []): void {
  exchange.head.push(...headers);
  if (!exchange.request.complete) exchange.head.push("connection", "close");
  writeJson(exchange, status, { errors: [{ message, extensions: { code, requestId: exchange.requestId } }] });
}

function writeJson({ response, head }: Exchange, status: number, value: object): void {
  response.writeHead(status, [...head, "content-type", "application/json; charset=utf-8"]).end(JSON.stringify(value));
}

/** `null` when it is too large, `undefined` when it is no text. */
async function readBody(request: IncomingMessage): Promise<string | null | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > largestBody) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return null;
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
}
