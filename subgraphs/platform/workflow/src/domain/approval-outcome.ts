/** When an approval is decided. */
import type { approvalRules } from "../tables.js";

export type Rule = (typeof approvalRules)[number];
type Decision = "APPROVED" | "REJECTED" | null;

/** How many of so many have to approve. */
export function neededOf(rule: Rule, quorum: number | null, asked: number): number {
  if (rule === "ALL") return asked;
  return rule === "ANY" ? 1 : (quorum ?? asked);
}

/** Approved once enough approve; rejected once those left and those who approved are too few together. */
export function outcomeOf(needed: number, decisions: readonly Decision[]): "APPROVED" | "REJECTED" | "PENDING" {
  const approved = decisions.filter((decision) => decision === "APPROVED").length;
  const rejected = decisions.filter((decision) => decision === "REJECTED").length;
  if (approved >= needed) return "APPROVED";
  return decisions.length - rejected < needed ? "REJECTED" : "PENDING";
}
