/** JSON Schema (2020-12) of the contracts that modules write down with Zod. */
import type { EventContract } from "@tessera/shared-types";
import { z } from "zod";
import { ContractError } from "./errors.js";

/** A JSON Schema as parsed JSON. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/**
 * The two sides of one contract. They differ because parsing changes a payload: names the contract does not know are
 * dropped, defaults are filled in. So `written` (what travels, the payload as its publisher's contract parsed it) is
 * closed, and `read` (what a reader's contract takes) is open.
 */
export interface ContractSchemas {
  readonly written: JsonSchema;
  readonly read: JsonSchema;
}

type AnyContract = Pick<EventContract, "type" | "version" | "payload">;

/** @throws ContractError `CONTRACT_NOT_EXPRESSIBLE` for a type that JSON does not have. */
export function jsonSchemaOf(contract: AnyContract, side: keyof ContractSchemas = "written"): JsonSchema {
  try {
    const io = side === "written" ? "output" : "input";
    // A schema object of Zod's carries more than JSON; what is compared and stored is what JSON keeps of it.
    return JSON.parse(JSON.stringify(z.toJSONSchema(contract.payload, { io, target: "draft-2020-12" })));
  } catch (error) {
    const { type, version } = contract;
    const problem = error instanceof Error ? error.message : String(error);
    throw new ContractError("CONTRACT_NOT_EXPRESSIBLE", { type, version, problem }, { cause: error });
  }
}

export function schemasOf(contract: AnyContract): ContractSchemas {
  return { written: jsonSchemaOf(contract, "written"), read: jsonSchemaOf(contract, "read") };
}
