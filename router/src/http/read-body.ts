/** Reads the body of a GraphQL request, and no more of it than allowed. */
import type { IncomingMessage } from "node:http";
import { RouterError } from "../errors/router-error.js";

/** The JSON value of the body. @throws RouterError PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID_JSON, BATCHING_NOT_SUPPORTED */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<unknown> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) throw new RouterError("UNSUPPORTED_MEDIA_TYPE");
  const body = parseJson(await readText(request, mostBytes));
  if (Array.isArray(body)) throw new RouterError("BATCHING_NOT_SUPPORTED");
  return body;
}

async function readText(request: IncomingMessage, mostBytes: number): Promise<string> {
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RouterError("INVALID_JSON");
  }
}

function tooLarge(limit: number): RouterError {
  return new RouterError("PAYLOAD_TOO_LARGE", { limit });
}
