/** Coded errors of contracts. */
import { errorClass } from "@tessera/shared-types";

const messages = {
  CONTRACT_NOT_EXPRESSIBLE:
    "{type} v{version} cannot be written as JSON Schema: {problem}. Use types that JSON has: no transforms, dates or bigints.",
  SCHEMA_INVALID: "This is no JSON Schema the platform can use: {problem}.",
} as const;

export type ContractErrorCode = keyof typeof messages;

/** `code` is stable; `details` holds what the message names. */
export class ContractError extends errorClass("ContractError", messages) {}
