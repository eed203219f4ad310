export type AccessErrorCode =
  | "TOKEN_INVALID"
  | "TOKEN_EXPIRED"
  | "TOKEN_NOT_YET_VALID"
  | "TOKEN_WRONG_AUDIENCE"
  | "TOKEN_UNKNOWN_ISSUER"
  | "TOKEN_UNKNOWN_KEY"
  | "TOKEN_CLAIMS_REFUSED"
  | "KEYS_UNAVAILABLE";

/**
 * Why a token was refused. The message is safe to show to a client; `details` never hold the token or a key.
 * Every code but `KEYS_UNAVAILABLE` means "authenticate again"; that one means "try again later".
 */
export class AccessError extends Error {
  readonly code: AccessErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: AccessErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "AccessError";
    this.code = code;
    this.details = details;
  }
}
