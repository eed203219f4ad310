/** The `map` of a multipart request says where in the operations each file belongs. */
import { RouterError } from "../../errors/router-error.js";
import type { UploadedFile } from "../../request/uploaded-file.js";

export interface PlacedFile {
  /** In the variables of its operation. */
  readonly path: readonly (string | number)[];
  readonly file: UploadedFile;
}

/** By the index of the operation in the batch, or `null` for a single one. */
export type PlacedFiles = ReadonlyMap<number | null, readonly PlacedFile[]>;

/** @throws RouterError INVALID_MULTIPART when the map, the operations and the files do not fit together. */
export function placeFiles(
  operations: unknown,
  map: ReadonlyMap<string, readonly string[]>,
  files: ReadonlyMap<string, UploadedFile>,
): PlacedFiles {
  const placed = new Map<number | null, PlacedFile[]>();
  for (const [name, places] of map) {
    const file = files.get(name);
    if (!file) throw invalid(`the file ${name} of the map is missing`);
    for (const place of places) {
      const { operation, path } = locate(operations, place);
      const others = placed.get(operation) ?? [];
      placed.set(operation, [...others, { path, file }]);
    }
  }
  return placed;
}

/** `variables.input.files.0`, in a batch `1.variables.file`. What stands there is `null`. */
function locate(operations: unknown, place: string): { operation: number | null; path: (string | number)[] } {
  const names = place.split(".");
  const operation = Array.isArray(operations) ? Number(names.shift()) : null;
  if (names.shift() !== "variables" || names.length === 0)
    throw invalid(`the map names ${place}, which is no variable`);
  let value: unknown = operation === null ? operations : (operations as readonly unknown[])[operation];
  const path: (string | number)[] = [];
  for (const name of ["variables", ...names]) {
    const isList = Array.isArray(value);
    if (isList && !/^(?:0|[1-9]\d*)$/.test(name)) throw invalid(`nothing is at ${place}`);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name))
      throw invalid(`nothing is at ${place}`);
    value = (value as Readonly<Record<string, unknown>>)[name];
    path.push(isList ? Number(name) : name);
  }
  if (value !== null) throw invalid(`the value at ${place} is not null`);
  return { operation, path: path.slice(1) };
}

export function invalid(reason: string): RouterError {
  return new RouterError("INVALID_MULTIPART", { reason });
}
