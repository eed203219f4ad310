/** Limits on what people type. */
import { errors } from "../errors.js";
import { decimal, type Numeric } from "./exact-decimal.js";

const largestQuantity = decimal("1e15");

/** Trimmed. @throws INVALID_TEXT */
export function checkText(field: string, text: string, most = 200): string {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > most) throw errors.INVALID_TEXT({ field, most });
  return trimmed;
}

/** Trimmed; null for an empty text. @throws INVALID_TEXT */
export const checkOptionalText = (field: string, text: string | null | undefined, most = 500): string | null =>
  text?.trim() ? checkText(field, text, most) : null;

/** @throws NEGATIVE_QUANTITY, QUANTITY_TOO_LARGE */
export function checkQuantity(quantity: Numeric): string {
  const amount = decimal(quantity);
  if (amount.lessThan(0)) throw errors.NEGATIVE_QUANTITY({ quantity: amount.toFixed() });
  if (amount.greaterThan(largestQuantity)) throw errors.QUANTITY_TOO_LARGE({ quantity: amount.toFixed() });
  return amount.toFixed();
}

/** @throws INVALID_PERCENT */
export function checkPercent(field: string, percent: Numeric, most = 100): string {
  const value = decimal(percent);
  if (value.lessThan(0) || value.greaterThan(most)) throw errors.INVALID_PERCENT({ field, most });
  return value.toFixed();
}

/** @throws INVALID_PERIOD */
export function checkPeriod({ start, end }: { start: string; end: string }): { start: string; end: string } {
  if (end < start) throw errors.INVALID_PERIOD({ start, end });
  return { start, end };
}

/** @throws UNKNOWN_CATEGORY */
export function checkCategory(category: number | null | undefined): number | null {
  if (category === null || category === undefined) return null;
  if (category < 1 || category > 15) throw errors.UNKNOWN_CATEGORY({ category });
  return category;
}

/** Codes such as GB, US-CAMX or GLOBAL, in capitals. @throws INVALID_TEXT */
export const checkRegion = (region: string): string => checkText("region", region, 20).toUpperCase();
