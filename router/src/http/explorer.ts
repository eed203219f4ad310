/** GraphiQL in one page without any link to another host, so it works offline; subscriptions over WebSocket. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ExplorerOptions } from "../options.js";

export type Explorer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The page is several megabytes, so it is loaded and compressed when somebody first asks for it. */
export function createExplorer(options: ExplorerOptions = {}, path = "/graphql"): Explorer {
  let page: Promise<{ plain: Buffer; zipped: Buffer }> | undefined;

  return async (request, response) => {
    page ??= render(options, path);
    const { plain, zipped } = await page;
    const zip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("content-security-policy", policy);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("cache-control", "no-cache");
    if (zip) response.setHeader("content-encoding", "gzip");
    response.writeHead(200).end(zip ? zipped : plain);
  };
}

/** The page may talk to its own server only, and nobody may frame it. */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob: data:",
  "connect-src 'self' ws: wss:",
  "frame-ancestors 'none'",
].join("; ");

const hint = `# Send a token in the "Headers" tab below: { "authorization": "Bearer …" }
# Subscriptions run here too, over WebSocket.
`;

async function render(options: ExplorerOptions, endpoint: string): Promise<{ plain: Buffer; zipped: Buffer }> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const html = renderGraphiQL({
    title: options.title ?? "Tessera",
    endpoint,
    subscriptionsProtocol: "WS",
    defaultQuery: options.defaultQuery ?? `${hint}\nquery { __typename }\n`,
    headers: options.defaultHeaders ?? '{ "authorization": "Bearer " }',
    shouldPersistHeaders: false,
    credentials: "same-origin",
  });
  const plain = Buffer.from(html);
  return { plain, zipped: await promisify(gzip)(plain) };
}

/** A person's browser opening a page, not a program asking for an answer. */
export function wantsPage(request: IncomingMessage): boolean {
  return request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
}
