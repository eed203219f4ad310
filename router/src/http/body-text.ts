/** Reads the body of a request, and no more of it than allowed. */
import type { IncomingMessage } from "node:http";
import { RouterError } from "../errors/router-error.js";

/** The body with one character for each byte. @throws RouterError PAYLOAD_TOO_LARGE, REQUEST_ABORTED */
export function readBodyText(request: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"] ?? 0) > limit) return reject(tooLarge(limit));
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners("data").pause();
        return reject(tooLarge(limit));
      }
      if (!first) first = chunk;
      else if (more) more.push(chunk);
      else more = [first, chunk];
    });
    request.on("end", () => resolve((more ? Buffer.concat(more, size) : first)?.toString("latin1") ?? ""));
    request.on("error", (originalError) => reject(new RouterError("REQUEST_ABORTED", {}, { originalError })));
  });
}

/** A batch of operations is an array; everything else is one operation. */
export function isArray(bodyText: string): boolean {
  return bodyText.charCodeAt(0) === openBracket || /^(?:\u00ef\u00bb\u00bf)?\s*\[/.test(bodyText);
}

const openBracket = 0x5b;

function tooLarge(limit: number): RouterError {
  return new RouterError("PAYLOAD_TOO_LARGE", { limit });
}
