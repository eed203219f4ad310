/**
 * HTTP calls of workflows to other systems. Only to hosts the operator allows, only to addresses of the public internet
 * (checked where the connection is made, so a name cannot point elsewhere in between), never along redirects.
 */
import { lookup as resolveName } from "node:dns";
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { errors } from "../../errors.js";
import { readAllowedHosts } from "./allowed-hosts.js";
import { isPublicAddress } from "./public-address.js";

export interface HttpCall {
  readonly method: string;
  readonly url: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

export interface SentCall extends HttpCall {
  readonly idempotencyKey: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed when it is JSON, else text. */
  readonly body: unknown;
}

const largestAnswer = 1_000_000;
/** These are ours to say. */
const ownHeaders = new Set(["host", "connection", "content-length", "transfer-encoding", "upgrade", "expect", "te"]);
const statusMayPass = (status: number) => status >= 500 || [408, 425, 429].includes(status);

/** @throws HTTP_URL_INVALID, HTTP_HOST_NOT_ALLOWED, HTTP_ADDRESS_PRIVATE, HTTP_UNREACHABLE, HTTP_TIMEOUT, HTTP_STATUS, HTTP_ANSWER_TOO_LARGE */
export async function callOut(call: SentCall): Promise<HttpAnswer> {
  const { url, mayBePrivate } = checkUrl(call.url);
  const answer = await send(call, url, mayBePrivate);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw errors.HTTP_STATUS({
    host: url.host,
    status: answer.status,
    passing: statusMayPass(answer.status),
    body: String(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body)).slice(0, 500),
  });
}

function checkUrl(given: unknown): { url: URL; mayBePrivate: boolean } {
  const url = typeof given === "string" && URL.canParse(given) ? new URL(given) : null;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (!url || !isWeb || url.username !== "" || url.password !== "")
    throw errors.HTTP_URL_INVALID({ url: String(given).slice(0, 200) });
  const found = readAllowedHosts().find(url);
  if (!found) throw errors.HTTP_HOST_NOT_ALLOWED({ host: url.origin });
  // An address in the place of a name is never looked up, so it is checked here.
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (found === "host" && isIP(literal) !== 0 && !isPublicAddress(literal)) throw privateAddress(url.hostname);
  return { url, mayBePrivate: found === "origin" };
}

const privateAddress = (host: string) => errors.HTTP_ADDRESS_PRIVATE({ host });

/** Every address of the name has to be public. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    if (addresses.some(({ address }) => !isPublicAddress(address)))
      return callback(privateAddress(hostname) as unknown as NodeJS.ErrnoException, []);
    const [first] = addresses;
    if (options.all) return callback(null, addresses);
    return callback(null, first?.address ?? "", first?.family);
  });
};

function send(call: SentCall, url: URL, mayBePrivate: boolean): Promise<HttpAnswer> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const clock = AbortSignal.any([call.signal, AbortSignal.timeout(call.timeoutMs)]);
  const options: RequestOptions = {
    method: call.method,
    headers: headersOf(call, body),
    signal: clock,
    agent: false,
    ...(mayBePrivate ? {} : { lookup: publicLookup }),
  };
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    const refuse = (error: Error) => reject(reasonOf(error, url, clock, call));
    const sent = request(url, options, (response) => readAnswer(response, url).then(resolve, refuse));
    sent.on("error", refuse);
    sent.end(body);
  });
}

function reasonOf(error: Error, { host }: URL, clock: AbortSignal, { timeoutMs }: SentCall): Error {
  if ((error as { extensions?: unknown }).extensions) return error;
  if (clock.aborted) return errors.HTTP_TIMEOUT({ host, milliseconds: timeoutMs });
  return errors.HTTP_UNREACHABLE({ host, reason: (error as { code?: string }).code ?? error.message });
}

function headersOf({ headers, idempotencyKey, method }: SentCall, body: string | undefined): Record<string, string> {
  const given = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => !ownHeaders.has(name) && value !== null && value !== undefined)
    .map(([name, value]) => [name, String(value)] as const);
  const changes = method !== "GET" && method !== "HEAD";
  return {
    accept: "application/json",
    "user-agent": "tessera-workflow",
    ...(changes ? { "idempotency-key": idempotencyKey } : {}),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...Object.fromEntries(given),
    ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
  };
}

async function readAnswer(response: IncomingMessage, { host }: URL): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestAnswer) {
      response.destroy();
      throw errors.HTTP_ANSWER_TOO_LARGE({ host, limit: largestAnswer });
    }
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  // A NUL cannot be kept.
  const text = Buffer.concat(chunks).toString("utf8").replaceAll("\u0000", "");
  return { status: response.statusCode ?? 0, headers, body: parsed(text, headers["content-type"] ?? "") };
}

function parsed(text: string, type: string): unknown {
  if (!/[/+]json\b/i.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
