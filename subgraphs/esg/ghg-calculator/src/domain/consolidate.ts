/** Which share of a site's emissions the organization reports (GHG Protocol Corporate Standard ch. 3). */
import { type Decimal, decimal, type Numeric, zero } from "./exact-decimal.js";

export const consolidationApproaches = ["EQUITY_SHARE", "FINANCIAL_CONTROL", "OPERATIONAL_CONTROL"] as const;
export type ConsolidationApproach = (typeof consolidationApproaches)[number];

export interface Ownership {
  /** Share owned, 0 to 100. */
  ownershipPercent: Numeric;
  financialControl: boolean;
  operationalControl: boolean;
}

/** 0 to 1. Under a control approach all or nothing; without a site everything belongs to the organization. */
export function consolidationShare(approach: ConsolidationApproach, site: Ownership | null): Decimal {
  if (site === null) return decimal(1);
  if (approach === "EQUITY_SHARE") return decimal(site.ownershipPercent).dividedBy(100);
  const controlled = approach === "FINANCIAL_CONTROL" ? site.financialControl : site.operationalControl;
  return controlled ? decimal(1) : zero;
}
