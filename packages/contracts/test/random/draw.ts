/** A source of random choices that fast-check can make smaller again when a property fails. */
import fc from "fast-check";

export interface Draw {
  <T>(list: readonly T[]): T;
  whole(min: number, max: number): number;
  /** True `percent` times of a hundred. */
  chance(percent: number): boolean;
  some<T>(list: readonly T[]): T[];
}

export function drawFrom(g: fc.GeneratorValue): Draw {
  const pick = <T>(list: readonly T[]): T => list[g(fc.nat, list.length - 1)] as T;
  return Object.assign(pick, {
    whole: (min: number, max: number) => g(fc.integer, { min, max }),
    chance: (percent: number) => g(fc.nat, 99) >= 100 - percent,
    some: <T>(list: readonly T[]) => list.filter(() => g(fc.nat, 1) === 1),
  });
}
