/** The parts of a multipart form, read within limits. */
import type { IncomingMessage } from "node:http";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import { RouterError } from "../../errors/router-error.js";
import type { UploadedFile } from "../../request/uploaded-file.js";
import { isRecord } from "../parameters.js";
import { invalid } from "./place-files.js";
import type { UploadLimits } from "./read-form.js";

export interface ReadParts {
  readonly operations: unknown;
  /** Field name of each file → the places it belongs to. */
  readonly map: ReadonlyMap<string, readonly string[]>;
  readonly files: ReadonlyMap<string, UploadedFile>;
}

export function readParts(request: IncomingMessage, limits: UploadLimits, bodyBytes: number): Promise<ReadParts> {
  return new Promise((resolve, reject) => {
    const form = new FormReader(limits, bodyBytes, (error) => {
      request.unpipe().pause();
      reject(error);
    });
    const parser = openParser(request, limits, bodyBytes, reject);
    if (!parser) return;
    parser.on("field", (name, text, _, isTruncated) => form.field(name, text, isTruncated));
    parser.on("file", (name, content, filename, _, mimetype) => form.file(name, content, filename, mimetype));
    parser.on("filesLimit", () => form.fail(new RouterError("TOO_MANY_FILES", { limit: limits.maxFiles })));
    parser.on("partsLimit", () => form.fail(invalid("it has more parts than operations, map and files")));
    parser.on("error", () => form.fail(invalid("it cannot be read")));
    parser.on("finish", () => form.finish(resolve));
    request.once("aborted", () => form.fail(new RouterError("REQUEST_ABORTED")));
    request.pipe(parser);
  });
}

function openParser(
  { headers }: IncomingMessage,
  { maxFileBytes, maxFiles }: UploadLimits,
  bodyBytes: number,
  refuse: (error: RouterError) => void,
): BusboyInstance | null {
  const limits = {
    ...{ fieldSize: bodyBytes + 1, fields: 3, fieldNameSize: 200, headerPairs: 20 },
    ...{ fileSize: maxFileBytes, files: maxFiles, parts: maxFiles + 3 },
  };
  try {
    return new Busboy({ headers: { ...headers, "content-type": headers["content-type"] ?? "" }, limits });
  } catch {
    refuse(invalid("it has no boundary"));
    return null;
  }
}

/** Collects parts in the order the specification asks for: operations, map, files. */
class FormReader {
  readonly #limits: UploadLimits;
  readonly #bodyBytes: number;
  readonly #refuse: (error: RouterError) => void;
  readonly #files = new Map<string, UploadedFile>();
  #operations: unknown;
  #map: ReadonlyMap<string, readonly string[]> | undefined;
  #total = 0;
  #isRefused = false;

  constructor(limits: UploadLimits, bodyBytes: number, refuse: (error: RouterError) => void) {
    this.#limits = limits;
    this.#bodyBytes = bodyBytes;
    this.#refuse = refuse;
  }

  fail(error: RouterError): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#refuse(error);
  }

  field(name: string, text: string, isTruncated: boolean): void {
    try {
      if (isTruncated || text.length > this.#bodyBytes) {
        throw new RouterError("PAYLOAD_TOO_LARGE", { limit: this.#bodyBytes });
      }
      if (name === "operations") this.#operations = parsed(name, text);
      else if (name === "map") this.#takeMap(parsed(name, text));
      else throw invalid(`${name} is neither operations, map nor a file`);
    } catch (error) {
      this.fail(error as RouterError);
    }
  }

  file(name: string, content: BusboyFileStream, filename: string, mimetype: string): void {
    content.on("error", () => this.fail(invalid("it ends too early")));
    if (!this.#map?.has(name)) {
      content.resume();
      return void this.fail(
        invalid(this.#map ? `the file ${name} is not in the map` : "the map has to come before the files"),
      );
    }
    const chunks: Buffer[] = [];
    content.on("limit", () => this.fail(tooLarge(`The file ${filename}`, this.#limits.maxFileBytes)));
    content.on("data", (chunk: Buffer) => {
      if (this.#isRefused) return;
      this.#total += chunk.length;
      if (this.#total > this.#limits.maxTotalBytes) {
        this.fail(tooLarge("All files together", this.#limits.maxTotalBytes));
      }
      chunks.push(chunk);
    });
    content.on("end", () => this.#files.set(name, { filename, mimetype, content: Buffer.concat(chunks) }));
  }

  finish(resolve: (parts: ReadParts) => void): void {
    if (this.#isRefused) return;
    if (this.#operations === undefined) return void this.fail(invalid("the field operations is missing"));
    if (!this.#map) return void this.fail(invalid("the field map is missing"));
    resolve({ operations: this.#operations, map: this.#map, files: this.#files });
  }

  #takeMap(map: unknown): void {
    if (this.#operations === undefined) throw invalid("operations have to come before the map");
    if (!isRecord(map)) throw invalid("the map is not an object");
    const entries = Object.entries(map);
    if (entries.length > this.#limits.maxFiles)
      throw new RouterError("TOO_MANY_FILES", { limit: this.#limits.maxFiles });
    this.#map = new Map(entries.map(([name, places]) => [name, checkedPlaces(name, places)]));
  }
}

function checkedPlaces(name: string, places: unknown): readonly string[] {
  const isList = Array.isArray(places) && places.length > 0 && places.every((place) => typeof place === "string");
  if (!isList) throw invalid(`the map says no places for the file ${name}`);
  return places;
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`the field ${name} is not JSON`);
  }
}

function tooLarge(what: string, limit: number): RouterError {
  return new RouterError("UPLOAD_TOO_LARGE", { what, limit });
}
