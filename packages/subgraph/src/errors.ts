/**
 * Coded errors. A module lists its errors in one table; clients see the code, the sentence and the details, never a
 * stack. What carries no code is masked on the way out.
 */
import { type ErrorDetails, fillSentence } from "@tessera/shared-types";
import { GraphQLError, type GraphQLFormattedError } from "graphql";

/** An error meant for the client. `code` is stable; `message` says what to do. */
export class CodedError extends GraphQLError {
  readonly code: string;

  constructor(code: string, message: string, details: ErrorDetails = {}, module?: string) {
    super(message, { extensions: { code, ...(module ? { module } : {}), details } });
    this.code = code;
  }
}

type ErrorTable<Code extends string> = Readonly<Record<Code, (details?: ErrorDetails) => CodedError>>;

/**
 * Declares a module's errors: `code → sentence`, where `{name}` in a sentence is filled from the details.
 *
 *     export const errors = defineErrors("ghg-calculator", { CALCULATION_LOCKED: "Calculation {id} is locked: …" });
 *     throw errors.CALCULATION_LOCKED({ id });
 */
export function defineErrors<Code extends string>(
  module: string,
  table: Readonly<Record<Code, string>>,
): ErrorTable<Code> {
  const entries = Object.entries<string>(table).map(([code, sentence]) => [
    code,
    (details: ErrorDetails = {}) => new CodedError(code, fillSentence(sentence, details), details, module),
  ]);
  return Object.fromEntries(entries) as ErrorTable<Code>;
}

/** The errors every module shares. */
export const accessErrors = defineErrors("access", {
  UNAUTHENTICATED: "Say who you are: send an access token in the Authorization header.",
  FORBIDDEN: "You may not do this: it needs {needs}.",
});

export const operationsErrors = defineErrors("events", {
  OPERATIONS_NOT_STATED: 'Module {module} does not say that it operates events: add `operates: ["events"]` to it.',
});

export const processesErrors = defineErrors("processes", {
  PROCESSES_UNAVAILABLE: "Durable processes are not available here: the host has to open them.",
});

/** Where an error happened, for the person who reads it and the one who looks it up in the logs. */
export interface ErrorPlace {
  readonly module: string;
  readonly requestId: string;
  readonly now: Date;
  /** Told about every error that is masked. */
  onMasked(error: unknown): void;
}

/** Turns whatever was thrown into the error a client gets: `extensions { code, module, requestId, timestamp, details }`. */
export function formatError(error: GraphQLError, place: ErrorPlace): GraphQLFormattedError {
  const { code, message, details, module } = describe(error, place);
  return {
    message,
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
    extensions: {
      code,
      module: module ?? place.module,
      requestId: place.requestId,
      timestamp: place.now.toISOString(),
      details: details ?? {},
    },
  };
}

interface Described {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
  readonly module?: string;
}

function describe(error: GraphQLError, place: ErrorPlace): Described {
  const cause: unknown = error.originalError ?? error;
  if (cause instanceof CodedError) return describeCoded(cause);
  if (isInvalidText(cause)) return { code: "BAD_USER_INPUT", message: invalidText };
  if (isRace(cause)) return { code: "CONFLICT", message: quicker };
  if (isMeantForClients(cause)) return cause;
  const { code, details, module } = error.extensions as { code?: string; details?: unknown; module?: string };
  if (code) return { code, message: error.message, details, ...(module ? { module } : {}) };
  // Without a path nothing has been executed yet, and without an original error graphql-js itself refused a value: either
  // way the client's document or variables are wrong.
  if (!error.path || !error.originalError) return { code: "BAD_USER_INPUT", message: error.message };
  place.onMasked(cause);
  return {
    code: "INTERNAL_SERVER_ERROR",
    message: `Something went wrong here. Quote request ${place.requestId} when you report it.`,
  };
}

const invalidText = "A value has the wrong format: check ids, dates and numbers.";

const quicker = "Somebody else was quicker with the same thing: read it again, then decide.";

/** A rule of the table caught what the module's own check, a moment earlier, could not see yet. */
function isRace(cause: unknown): boolean {
  const { code } = (cause ?? {}) as { code?: unknown };
  return code === "UNIQUE_VIOLATION" || code === "FOREIGN_KEY_VIOLATION";
}

function describeCoded({ code, message, extensions }: CodedError): Described {
  const { details, module } = extensions as { details?: unknown; module?: string };
  return { code, message, details, ...(module ? { module } : {}) };
}

/** Codes of kernel packages whose sentences are written for clients. Everything else of theirs is for the log. */
const clientCodes = new Set([
  "DATABASE_BUSY",
  "DATABASE_UNAVAILABLE",
  "QUERY_DEADLINE",
  "QUERY_CANCELLED",
  "TRANSACTION_CONFLICT",
  "INVALID_CURSOR",
  "INVALID_PAGE",
  "LIVE_CONSUMER_TOO_SLOW",
]);

function isMeantForClients(cause: unknown): cause is Described {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" && (clientCodes.has(code) || /^(TOKEN|PROCESS)_/.test(code));
}

/** PostgreSQL's data exceptions for text that is no valid value of the column's type. */
const invalidTextStates = new Set(["22P02", "22003", "22007", "22008", "22021"]);

/** True when the database refused a value for its format, as reported by its client or by `DatabaseError`. */
export function isInvalidText(cause: unknown): boolean {
  const { code, details } = (cause ?? {}) as { code?: unknown; details?: { sqlState?: unknown } };
  return invalidTextStates.has(String(code)) || invalidTextStates.has(String(details?.sqlState));
}
