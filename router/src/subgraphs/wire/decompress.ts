/** Answers a subgraph has compressed, whole in memory. */
import { promisify } from "node:util";
import { brotliDecompress, gunzip, type InputType, inflate, inflateRaw } from "node:zlib";

type Unpack = (body: InputType, options: { maxOutputLength: number }) => Promise<Buffer>;

const gzip: Unpack = promisify(gunzip);
const brotli: Unpack = promisify(brotliDecompress);
const zlib: Unpack = promisify(inflate);
const raw: Unpack = promisify(inflateRaw);

/** Some compressed bytes unpack to themselves, and could be unpacked without end. */
const mostEncodings = 3;

export function isEncoded(encoding: string | undefined): encoding is string {
  return encoding !== undefined && encoding !== "" && encoding.toLowerCase() !== "identity";
}

/**
 * @throws Error when the content is broken or the encoding unknown; with code `ERR_BUFFER_TOO_LARGE` when it would
 * grow beyond `maxBytes`.
 */
export async function decompress(encoding: string, body: Buffer, maxBytes: number): Promise<Buffer> {
  const options = { maxOutputLength: maxBytes };
  // Several encodings are listed in the order they were applied.
  const names = encoding.toLowerCase().split(",").reverse();
  if (names.length > mostEncodings) throw new Error(`The content is encoded ${names.length} times.`);
  let content = body;
  for (const name of names) content = await unpackerOf(name.trim(), content)(content, options);
  return content;
}

function unpackerOf(name: string, body: Buffer): Unpack {
  if (name === "gzip" || name === "x-gzip") return gzip;
  if (name === "br") return brotli;
  // "deflate" means the zlib format, but some servers send it without its header byte 0x78.
  if (name === "deflate") return body[0] === 0x78 ? zlib : raw;
  throw new Error(`The content encoding ${JSON.stringify(name)} is not known.`);
}
