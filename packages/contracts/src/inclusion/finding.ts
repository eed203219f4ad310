/** Why one schema does not take what another does. */
export interface Finding {
  /** "cannot be judged" counts like "incompatible": nothing was proven. */
  readonly kind: "incompatible" | "cannot be judged";
  /** JSON pointer into the schema that reads: the place that refuses. */
  readonly pointer: string;
  /** A sentence: what reads, what was written, at which place of the payload. */
  readonly message: string;
}

/** Thrown where comparing has to stop; the message goes on after "the newer schema". */
export class CannotJudge extends Error {}

/** How the two schemas are called in sentences. */
export interface Names {
  readonly reader: string;
  readonly writer: string;
}

export const namesOf = (direction: "backward" | "forward"): Names =>
  direction === "backward"
    ? { reader: "the newer schema", writer: "the older one" }
    : { reader: "the older schema", writer: "the newer one" };

export function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.pointer}\n${finding.message}`, finding])).values()];
}

export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};
