/** The read model as a function of the changes of one key: order, losses and repetitions all change the checksum. */
import { createHash } from "node:crypto";

export interface Balance {
  readonly version: number;
  readonly balance: number;
  readonly checksum: string;
}

export interface Change {
  readonly mutationId: string;
  readonly version: number;
  readonly amount: number;
}

export const noChange: Balance = { version: 0, balance: 0, checksum: "" };

export function withChange(before: Balance, { mutationId, version, amount }: Change): Balance {
  const text = [before.checksum, mutationId, version, amount].join(" ");
  return {
    version: before.version + 1,
    balance: before.balance + amount,
    checksum: createHash("sha256").update(text).digest("hex").slice(0, 32),
  };
}
