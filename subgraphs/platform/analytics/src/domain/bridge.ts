/**
 * Year-on-year bridge: what made the figure change. A line is activity × factor. Source of the split between the two:
 * Sun (1998), "Changes in energy consumption and energy intensity: a complete decomposition model", Energy Economics
 * 20(1): each factor's effect at the mean of the other one, which leaves no residual.
 */
import { Decimal } from "decimal.js";
import { errors } from "../errors.js";

export interface BridgeLine {
  /** What makes two lines of two years the same, such as "natural gas, Leeds plant". */
  readonly key: string;
  readonly activity: string;
  /** Result per unit of activity. */
  readonly factor: string;
  /** How the line was calculated; another method than last year's is a method effect. */
  readonly method?: string | null;
  /** This year's factor had last year's method been kept, where the method changed and that factor is known. */
  readonly factorByPreviousMethod?: string | null;
  /** A line of one year only is a change of boundary, unless it is said to be organic growth or decline. */
  readonly organic?: boolean | null;
}

export interface Bridge {
  readonly previous: string;
  readonly current: string;
  readonly change: string;
  /** Effects; together exactly `change`. */
  readonly activity: string;
  readonly factor: string;
  readonly boundary: string;
  readonly method: string;
}

const mostLines = 10_000;

// Products of two figures need the digits of both; 20 digits, the default, would round.
const Exact = Decimal.clone({ precision: 200, toExpNeg: -200, toExpPos: 200 });
type Effects = Record<"activity" | "factor" | "boundary" | "method", Decimal>;

/** @throws BRIDGE_INVALID when a year names a line twice or has more lines than one answer can hold. */
export function bridge(previous: readonly BridgeLine[], current: readonly BridgeLine[]): Bridge {
  checkLines(previous);
  checkLines(current);
  const effects: Effects = { activity: zero(), factor: zero(), boundary: zero(), method: zero() };
  const before = new Map(previous.map((line) => [line.key, line]));
  for (const line of current) {
    const earlier = before.get(line.key);
    if (earlier) addChange(effects, earlier, line);
    else addTo(effects, line.organic ? "activity" : "boundary", result(line));
    before.delete(line.key);
  }
  for (const gone of before.values()) addTo(effects, gone.organic ? "activity" : "boundary", result(gone).negated());
  const [was, is] = [total(previous), total(current)];
  return {
    previous: was.toFixed(),
    current: is.toFixed(),
    change: is.minus(was).toFixed(),
    activity: effects.activity.toFixed(),
    factor: effects.factor.toFixed(),
    boundary: effects.boundary.toFixed(),
    method: effects.method.toFixed(),
  };
}

function checkLines(lines: readonly BridgeLine[]): void {
  if (lines.length > mostLines) throw errors.BRIDGE_INVALID({ reason: `a year has ${mostLines} lines at most` });
  const keys = new Set<string>();
  for (const { key } of lines) {
    if (keys.has(key)) throw errors.BRIDGE_INVALID({ reason: `${key} stands twice in one year` });
    keys.add(key);
  }
}

function addChange(effects: Effects, earlier: BridgeLine, later: BridgeLine): void {
  const [activity, factor] = [new Exact(earlier.activity), new Exact(earlier.factor)];
  const comparable = comparableFactor(earlier, later);
  const activityChange = new Exact(later.activity).minus(activity);
  const factorChange = comparable.minus(factor);
  addTo(effects, "activity", activityChange.times(factor.plus(comparable)).dividedBy(2));
  addTo(effects, "factor", factorChange.times(activity.plus(later.activity)).dividedBy(2));
  addTo(effects, "method", new Exact(later.factor).minus(comparable).times(later.activity));
}

/** This year's factor by last year's method. Unknown, the whole change of the factor is the method's. */
function comparableFactor(earlier: BridgeLine, later: BridgeLine): Decimal {
  if ((earlier.method ?? null) === (later.method ?? null)) return new Exact(later.factor);
  return new Exact(later.factorByPreviousMethod ?? earlier.factor);
}

function addTo(effects: Effects, effect: keyof Effects, amount: Decimal): void {
  effects[effect] = effects[effect].plus(amount);
}

function total(lines: readonly BridgeLine[]): Decimal {
  return lines.reduce((sum, line) => sum.plus(result(line)), zero());
}

function result(line: BridgeLine): Decimal {
  return new Exact(line.activity).times(line.factor);
}

function zero(): Decimal {
  return new Exact(0);
}
