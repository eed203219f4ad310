/**
 * Emissions of combined heat and power, split between heat and power by efficiency.
 * Formula: GHG Protocol, Allocation of GHG Emissions from a CHP Plant: E_H = (H/eH) / ((H/eH) + (P/eP)) · E.
 */
import { type Decimal, decimal, type Numeric } from "./exact-decimal.js";

export interface ChpPlant {
  /** Total emissions of the plant, any mass unit; the answer is in the same. */
  emissions: Numeric;
  /** Heat and power output in one and the same energy unit. */
  heat: Numeric;
  power: Numeric;
  /** Default 0.80. */
  heatEfficiency?: Numeric;
  /** Default 0.35. */
  powerEfficiency?: Numeric;
}

/** Null when the plant delivered nothing or an efficiency is not above zero: there is nothing to split by. */
export function allocateChp(plant: ChpPlant): { heat: Decimal; power: Decimal } | null {
  const { heatEfficiency = "0.80", powerEfficiency = "0.35" } = plant;
  if (decimal(heatEfficiency).lte(0) || decimal(powerEfficiency).lte(0)) return null;
  const heatFuel = decimal(plant.heat).dividedBy(heatEfficiency);
  const powerFuel = decimal(plant.power).dividedBy(powerEfficiency);
  const fuel = heatFuel.plus(powerFuel);
  if (fuel.lte(0)) return null;
  const heat = heatFuel.dividedBy(fuel).times(plant.emissions);
  return { heat, power: decimal(plant.emissions).minus(heat) };
}
