/** Refusals because of who sends a request. */
import { GraphQLError } from "graphql";

/** A request refused because of who sends it. `status` is 401, or 503 when nobody can be verified right now. */
export class IdentityRefused extends GraphQLError {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, details: unknown = {}) {
    super(message, { extensions: { code, module: "access", details } });
    this.name = "IdentityRefused";
    this.code = code;
    this.status = /(?:UNAVAILABLE|BUSY|TIMEOUT)$/.test(code) ? 503 : 401;
  }
}

/**
 * Coded errors say themselves what is wrong; any other one is a fault of ours, and still nobody gets in. A code stands on
 * the error itself (`AccessError`) or in its extensions (an answer of the identity module).
 */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, details, extensions = {} } = error as Partial<Coded> & { readonly extensions?: Partial<Coded> };
  const known = code ?? extensions.code;
  if (typeof known !== "string" || !/^[A-Z][A-Z_]+$/.test(known) || known === "INTERNAL_SERVER_ERROR") return error;
  return new IdentityRefused(known, error.message, details ?? extensions.details);
}

interface Coded {
  readonly code: string;
  readonly details: unknown;
}
