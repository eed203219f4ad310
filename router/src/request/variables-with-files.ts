/** Files of a multipart request stand in its variables while these are checked against the schema, and not after that. */
import type { SubgraphCall } from "../subgraphs/subgraph-call.js";

type Variables = Readonly<Record<string, unknown>>;
type Files = NonNullable<SubgraphCall["files"]>;
type Path = readonly (string | number)[];

/** A copy with each file at its place. */
export function withFiles(variables: Variables, files: Files): Variables {
  return files.reduce((all, { path, file }) => placed(all, path, file) as Variables, variables);
}

/** A copy with `null` at the places of files: that is how the specification of multipart requests sends them on. */
export function withoutFiles(variables: Variables, files: Files): Variables {
  return files.reduce((all, { path }) => placed(all, path, null) as Variables, variables);
}

function placed(value: unknown, path: Path, entry: unknown): unknown {
  const [step, ...further] = path;
  if (step === undefined) return entry;
  if (Array.isArray(value))
    return value.map((item, index) => (index === Number(step) ? placed(item, further, entry) : item));
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  return { ...record, [step]: placed(record[step], further, entry) };
}
