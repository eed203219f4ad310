/**
 * Scope 3 calculation methods that are more than quantity times factor.
 * Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions, appendix D; PCAF Standard part A for
 * investments; spend adjustment as in the EPA Supply Chain GHG Emission Factors documentation.
 * Emissions are kg CO2e unless a name says otherwise.
 */
import { Decimal, decimal, type Numeric, sum } from "./exact-decimal.js";

export interface Spend {
  /** In the currency spent. */
  value: Numeric;
  /** Part of `value` that is value-added tax and does not buy anything. */
  valueAddedTax?: Numeric | null;
  /** Units of the factor's currency per unit of the currency spent. */
  exchangeRate?: Numeric | null;
  /** Price index of the factor's base year and of the year of the purchase. */
  priceIndexBase?: Numeric | null;
  priceIndexYear?: Numeric | null;
}

/** value · FX · CPI(base) / CPI(year), in the money of the factor. Null when the index of the year is not above zero. */
export function spendInFactorMoney(spend: Spend): Decimal | null {
  const index = decimal(spend.priceIndexYear ?? 1);
  if (index.lte(0)) return null;
  return decimal(spend.value)
    .minus(spend.valueAddedTax ?? 0)
    .times(spend.exchangeRate ?? 1)
    .times(spend.priceIndexBase ?? 1)
    .dividedBy(index);
}

export interface HybridSupply {
  /** Scope 1 and 2 of the supplier, and the share of it that went into what was bought (0 to 1). */
  supplierEmissions: Numeric;
  allocatedShare: Numeric;
  /** Materials, transport and waste behind the purchase: quantity and kg CO2e per unit. */
  inputs: readonly { quantity: Numeric; kgCo2ePerUnit: Numeric }[];
}

/** Supplier's own emissions allocated to the purchase, plus its materials, transport and waste. */
export const hybridEmissions = ({ supplierEmissions, allocatedShare, inputs }: HybridSupply): Decimal =>
  decimal(supplierEmissions)
    .times(allocatedShare)
    .plus(sum(inputs.map(({ quantity, kgCo2ePerUnit }) => decimal(quantity).times(kgCo2ePerUnit))));

export interface SoldProducts {
  unitsSold: Numeric;
  usesPerLifetime: Numeric;
  /** Energy or fuel of one use, in the unit of the entry. */
  energyPerUse: Numeric;
}

/** Category 11: everything the units sold this year will consume in their whole life. */
export const lifetimeEnergy = ({ unitsSold, usesPerLifetime, energyPerUse }: SoldProducts): Decimal =>
  decimal(unitsSold).times(usesPerLifetime).times(energyPerUse);

/** Category 12: mass of the units sold that goes to one way of treatment. */
export const endOfLifeMass = (product: { unitsSold: Numeric; massPerUnit: Numeric; treatedShare: Numeric }): Decimal =>
  decimal(product.unitsSold).times(product.massPerUnit).times(product.treatedShare);

export const assetClasses = [
  "LISTED_EQUITY_AND_BONDS",
  "BUSINESS_LOANS_AND_PRIVATE_EQUITY",
  "PROPERTY",
  "SOVEREIGN_DEBT",
] as const;
export type AssetClass = (typeof assetClasses)[number];

export interface Investment {
  assetClass: AssetClass;
  outstanding: Numeric;
  /**
   * What the outstanding amount is measured against: enterprise value including cash (listed), equity plus debt
   * (private), value at origination (property), purchasing-power-adjusted GDP (sovereign).
   */
  denominator: Numeric;
  investeeEmissions: Numeric;
  /** PCAF score, 1 (verified) to 5 (estimated by sector). */
  dataQuality: number;
}

/** Category 15: attribution factor times the emissions financed. Null when there is nothing to measure against. */
export function financedEmissions({ outstanding, denominator, investeeEmissions }: Investment): Decimal | null {
  if (decimal(denominator).lte(0)) return null;
  return decimal(outstanding).dividedBy(denominator).times(investeeEmissions);
}

/** PCAF data quality of a portfolio: mean of the scores weighted by outstanding amount; null without exposure. */
export function portfolioDataQuality(
  investments: readonly Pick<Investment, "outstanding" | "dataQuality">[],
): Decimal | null {
  const exposure = sum(investments.map(({ outstanding }) => outstanding));
  if (exposure.lte(0)) return null;
  return sum(investments.map(({ outstanding, dataQuality }) => decimal(outstanding).times(dataQuality))).dividedBy(
    exposure,
  );
}

/** Transport with an empty way back: the share of the distance driven empty is added at the empty vehicle's intensity. */
export const withEmptyReturn = (laden: Numeric, emptyShare: Numeric, emptyIntensity: Numeric): Decimal =>
  decimal(laden).times(Decimal.add(1, decimal(emptyShare).times(emptyIntensity)));

/** Transmission and distribution where only the gross grid loss is published (US eGRID): E · loss / (1 − loss). */
export function gridLossEmissions(locationBased: Numeric, lossFraction: Numeric): Decimal | null {
  const loss = decimal(lossFraction);
  if (loss.lessThan(0) || loss.gte(1)) return null;
  return decimal(locationBased).times(loss).dividedBy(Decimal.sub(1, loss));
}
