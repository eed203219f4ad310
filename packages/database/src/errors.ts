/**
 * Every failure of this package is a `DatabaseError` with a code to program against and one sentence for a person that
 * says what to do. What PostgreSQL itself said is kept as `cause`.
 */

export type DatabaseErrorCode =
  /** Too many transactions wait already. `details.retryAfterMs` says when to come back. */
  | "DATABASE_BUSY"
  /** Unreachable, restarting, or it does not let us in. */
  | "DATABASE_UNAVAILABLE"
  /** The Redis of the cache gave no connection when it was opened. */
  | "CACHE_UNAVAILABLE"
  /** The request's deadline passed before the answer was there. */
  | "QUERY_DEADLINE"
  /** The caller's signal was aborted. */
  | "QUERY_CANCELLED"
  /** PostgreSQL refused a statement for a reason that has no code of its own; `details.sqlState` names it. */
  | "QUERY_FAILED"
  /** A write through a reader. */
  | "READ_ONLY"
  /** Row-level security or missing rights refused it. */
  | "ACCESS_REFUSED"
  /** `details.constraint` names the constraint for these five. */
  | "UNIQUE_VIOLATION"
  | "FOREIGN_KEY_VIOLATION"
  | "CHECK_VIOLATION"
  | "NOT_NULL_VIOLATION"
  | "EXCLUSION_VIOLATION"
  /** Deadlock or serialisation failure: the same transaction may succeed when tried again. */
  | "TRANSACTION_CONFLICT"
  /** A statement after its transaction had ended. */
  | "TRANSACTION_OVER"
  | "INVALID_SCOPE"
  | "INVALID_CURSOR"
  | "INVALID_PAGE"
  /** The tables of a module break a rule; the message names table and rule. */
  | "INVALID_TABLES"
  | "MIGRATION_CHANGED"
  | "MIGRATION_MISSING"
  | "MIGRATION_FAILED"
  | "UNSUPPORTED_PLATFORM"
  | "UNSUPPORTED_VERSION"
  | "DATA_DIR_IN_USE"
  | "DATA_DIR_UNUSABLE"
  | "DATA_DIR_WRONG_VERSION"
  | "SERVER_FAILED";

export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: DatabaseErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DatabaseError";
    this.code = code;
    this.details = options.details ?? {};
  }
}
