/** When a watched value counts as having crossed its limit: once per crossing, however often it is measured beyond it. */
import { Decimal } from "decimal.js";

export interface Limit {
  readonly direction: "ABOVE" | "BELOW";
  readonly limit: string;
  /** Hysteresis: only a value back at this one ends the crossing. Default: the limit itself. */
  readonly clearLimit: string | null;
  /** No second event within this time after one. */
  readonly coolDownSeconds: number;
}

export interface CrossingState {
  readonly exceeded: boolean;
  readonly lastExceededAt: Date | null;
}

export interface Crossing extends CrossingState {
  /** Whether this value is the one to announce. */
  readonly crossed: boolean;
}

/**
 * A value beyond the limit announces a crossing unless one is open or was announced within the cool-down. In the
 * cool-down the state stays open for a new crossing, so a value that is still beyond the limit after it is announced.
 */
export function nextCrossing(limit: Limit, state: CrossingState, value: string, now: Date): Crossing {
  if (state.exceeded) return { ...state, exceeded: !isBack(limit, value), crossed: false };
  if (!isBeyond(limit, value) || isCoolingDown(limit, state, now)) return { ...state, crossed: false };
  return { exceeded: true, lastExceededAt: now, crossed: true };
}

function isBeyond({ direction, limit }: Limit, value: string): boolean {
  const figure = new Decimal(value);
  return direction === "ABOVE" ? figure.greaterThan(limit) : figure.lessThan(limit);
}

function isBack({ direction, limit, clearLimit }: Limit, value: string): boolean {
  const figure = new Decimal(value);
  const clear = clearLimit ?? limit;
  return direction === "ABOVE" ? figure.lessThanOrEqualTo(clear) : figure.greaterThanOrEqualTo(clear);
}

function isCoolingDown({ coolDownSeconds }: Limit, { lastExceededAt }: CrossingState, now: Date): boolean {
  return lastExceededAt !== null && now.getTime() - lastExceededAt.getTime() < coolDownSeconds * 1000;
}

/** A clearing limit lies on the safe side of the limit, else a crossing would end while it lasts. */
export function clearsOnSafeSide({ direction, limit, clearLimit }: Omit<Limit, "coolDownSeconds">): boolean {
  if (clearLimit === null) return true;
  const clear = new Decimal(clearLimit);
  return direction === "ABOVE" ? clear.lessThanOrEqualTo(limit) : clear.greaterThanOrEqualTo(limit);
}
