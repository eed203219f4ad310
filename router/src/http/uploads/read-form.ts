/** Operations with files: https://github.com/jaydenseric/graphql-multipart-request-spec */
import type { IncomingMessage } from "node:http";
import { RouterError } from "../../errors/router-error.js";
import type { OperationRequest } from "../../request/outcome.js";
import type { FilesOf } from "../batch.js";
import { checkParameters } from "../parameters.js";
import { placeFiles } from "./place-files.js";
import { type ReadParts, readParts } from "./read-parts.js";

/** Section `uploads`: files by the GraphQL multipart request specification. */
export interface UploadOptions {
  /** Of one file. Default 10 MiB. */
  readonly maxFileBytes?: number;
  /** Of one request. Default 10. */
  readonly maxFiles?: number;
  /** Of all files of one request. Default 50 MiB. */
  readonly maxTotalBytes?: number;
}

export type UploadLimits = Required<UploadOptions>;

export type Form =
  | { readonly kind: "one"; readonly operation: OperationRequest }
  | { readonly kind: "batch"; readonly operations: readonly unknown[]; readonly filesOf: FilesOf };

const usual: UploadLimits = {
  maxFileBytes: 10 * 1024 * 1024,
  maxFiles: 10,
  maxTotalBytes: 50 * 1024 * 1024,
};

/**
 * Reads a form to its end, files included.
 *
 * @throws RouterError UPLOADS_NOT_ACCEPTED, INVALID_MULTIPART, INVALID_PARAMETER, TOO_MANY_FILES, UPLOAD_TOO_LARGE,
 *   PAYLOAD_TOO_LARGE for the operations.
 */
export async function readForm(
  request: IncomingMessage,
  options: UploadOptions | false | undefined,
  bodyBytes: number,
): Promise<Form> {
  if (options === false) throw new RouterError("UPLOADS_NOT_ACCEPTED");
  return formOf(await readParts(request, { ...usual, ...options }, bodyBytes));
}

function formOf({ operations, map, files }: ReadParts): Form {
  const placed = placeFiles(operations, map, files);
  if (Array.isArray(operations)) {
    return { kind: "batch", operations, filesOf: (index) => placed.get(index) ?? [] };
  }
  return { kind: "one", operation: { ...checkParameters(operations), files: placed.get(null) ?? [] } };
}
