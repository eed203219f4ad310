/** Turns what PostgreSQL and its client say into coded errors. */
import { DatabaseError, type DatabaseErrorCode } from "./errors.js";

interface Raw {
  readonly code?: string;
  readonly message?: string;
  readonly constraint_name?: string;
  readonly table_name?: string;
  readonly schema_name?: string;
  readonly column_name?: string;
}

const bySqlState: Readonly<Record<string, [DatabaseErrorCode, string]>> = {
  "23505": ["UNIQUE_VIOLATION", "There is a row with the same values already"],
  "23503": ["FOREIGN_KEY_VIOLATION", "A row that is referred to does not exist, or is still referred to"],
  "23514": ["CHECK_VIOLATION", "A value breaks a rule of its table"],
  "23502": ["NOT_NULL_VIOLATION", "A value is missing"],
  "23P01": ["EXCLUSION_VIOLATION", "The row overlaps one that is there already"],
  "25006": ["READ_ONLY", "A reader cannot write: use transaction()"],
  "42501": ["ACCESS_REFUSED", "The database refuses this role the access, by missing rights or row-level security"],
  "40001": ["TRANSACTION_CONFLICT", "Another transaction came in between: try again"],
  "40P01": ["TRANSACTION_CONFLICT", "Two transactions waited for each other: try again"],
};

const networkCodes = new Set(
  "CONNECTION_CLOSED CONNECTION_DESTROYED CONNECTION_ENDED CONNECT_TIMEOUT ECONNREFUSED ECONNRESET ENOENT EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN EACCES 57P01 57P02 57P03 57P05 53300".split(
    " ",
  ),
);

/** True when the connection, not the statement, is the trouble. */
export function isConnectionLoss(error: unknown): boolean {
  const code = (error as Raw | null)?.code;
  return code !== undefined && (networkCodes.has(code) || code.startsWith("08"));
}

/** A coded error for anything a statement can fail with; errors that are coded already pass through. */
export function coded(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const raw = error as Raw;
  const known = bySqlState[raw.code ?? ""];
  if (known) return refusal(known[0], known[1], raw);
  if (isConnectionLoss(error)) return unavailable(`The connection to PostgreSQL was lost (${raw.code})`, error);
  if (raw.code === "57014") return stopped(error);
  return refusal("QUERY_FAILED", "PostgreSQL refused a statement", raw);
}

function refusal(code: DatabaseErrorCode, sentence: string, raw: Raw): DatabaseError {
  const details = Object.fromEntries(
    Object.entries({
      sqlState: raw.code,
      constraint: raw.constraint_name,
      schema: raw.schema_name,
      table: raw.table_name,
      column: raw.column_name,
    }).filter(([, value]) => value !== undefined),
  );
  return new DatabaseError(code, `${sentence} (${raw.message ?? String(raw)}).`, { details, cause: raw });
}

function stopped(error: unknown): DatabaseError {
  const byTimeout = /timeout/i.test(String((error as Raw).message));
  return byTimeout ? deadlinePassed(error) : cancelled(error);
}

export function deadlinePassed(cause?: unknown): DatabaseError {
  return new DatabaseError("QUERY_DEADLINE", "The database did not answer before the request's deadline.", { cause });
}

export function cancelled(cause?: unknown): DatabaseError {
  return new DatabaseError("QUERY_CANCELLED", "The request was given up, so its database work was cancelled.", {
    cause,
  });
}

export function unavailable(sentence: string, cause: unknown, details: Record<string, unknown> = {}): DatabaseError {
  const advice = "it is tried again with the next request";
  return new DatabaseError("DATABASE_UNAVAILABLE", `${sentence}; ${advice}.`, { cause, details });
}
