/** Decimal arithmetic of this module: forty significant digits, never a binary float, rounded only for display. */
import { Decimal as Base } from "decimal.js";

export const Decimal = Base.clone({ precision: 40, toExpNeg: -60, toExpPos: 60 });
export type Decimal = Base;
/** A decimal number as it arrives: text, or a decimal already. Whole numbers may be written as numbers. */
export type Numeric = string | number | Base;

export const decimal = (value: Numeric): Decimal => new Decimal(value);
export const zero: Decimal = new Decimal(0);
export const sum = (values: Iterable<Numeric>): Decimal =>
  [...values].reduce<Decimal>((total, value) => total.plus(value), zero);
/** Plain notation without exponent, as the API, the database and the events write it; 18 decimals are kept. */
export const plain = (value: Numeric): string => {
  const kept = decimal(value).toDecimalPlaces(18);
  return kept.isZero() ? "0" : kept.toFixed();
};
