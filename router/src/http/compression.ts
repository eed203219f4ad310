/** Compression of whole answers, for clients that accept it. */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type JsonText, toBytes } from "../request/json-text.js";

/** Section `server.compression`. */
export interface CompressionOptions {
  /** Shorter answers are sent as they are: compressing them costs more than it saves. Default 1024. */
  readonly thresholdBytes?: number;
}

export type Coding = "br" | "gzip";

const zip = promisify(gzip);
const brotli = promisify(brotliCompress);

/** Tuned for speed: an answer is sent once. */
const gzipLevel = 1;
const brotliQuality = 1;

export function compress(json: JsonText, coding: Coding): Promise<Buffer> {
  const bytes = toBytes(json);
  if (coding === "gzip") return zip(bytes, { level: gzipLevel });
  return brotli(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

const known = new Map<string, Coding | null>();
const mostKnown = 500;
const longestKnown = 300;

/** What an `accept-encoding` header allows and likes best; brotli wins a tie. `null`: send it as it is. */
export function codingFor(header: string | undefined): Coding | null {
  if (header === undefined) return null;
  const found = known.get(header);
  if (found !== undefined) return found;
  const coding = negotiate(header);
  if (known.size >= mostKnown) known.clear();
  if (header.length <= longestKnown) known.set(header, coding);
  return coding;
}

function negotiate(header: string): Coding | null {
  const qualities = new Map<string, number>();
  for (const part of header.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
    const quality = parameters.find((text) => text.startsWith("q="))?.slice(2) ?? "1";
    qualities.set(name === "x-gzip" ? "gzip" : name, Number(quality) || 0);
  }
  const qualityOf = (name: string) => qualities.get(name) ?? qualities.get("*") ?? 0;
  const [br, gz] = [qualityOf("br"), qualityOf("gzip")];
  // Sent as it is, an answer is acceptable unless it is refused; what is liked less than that is not used.
  const plain = qualities.get("identity") ?? 0;
  if (br > 0 && br >= gz && br >= plain) return "br";
  return gz > 0 && gz >= plain ? "gzip" : null;
}
