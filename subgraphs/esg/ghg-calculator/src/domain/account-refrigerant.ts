/**
 * Kilograms of refrigerant that escaped.
 * Source: GHG Protocol HFC tool and EPA Center for Corporate Climate Leadership, Fugitive Emissions guidance.
 */
import { type Decimal, decimal, type Numeric } from "./exact-decimal.js";

export interface RefrigerantBalance {
  startStock: Numeric;
  purchases: Numeric;
  /** Sent back or destroyed. */
  returns: Numeric;
  endStock: Numeric;
  /** Charge of equipment added minus charge of equipment retired. */
  capacityChange: Numeric;
}

/** Mass balance: what was there and came, less what left, is there still, or filled new equipment. May be negative. */
export const massBalance = (balance: RefrigerantBalance): Decimal =>
  decimal(balance.startStock)
    .plus(balance.purchases)
    .minus(balance.returns)
    .minus(balance.endStock)
    .minus(balance.capacityChange);

/** Screening: the charge of the equipment times its yearly leak rate in percent. */
export const screenedLeak = ({ charge, leakRatePercent }: { charge: Numeric; leakRatePercent: Numeric }): Decimal =>
  decimal(charge).times(leakRatePercent).dividedBy(100);
