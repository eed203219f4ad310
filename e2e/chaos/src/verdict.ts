/** Judges what was found. The committed rows of the ledger say what had to happen; nothing here knows how it happened. */
import { type Balance, noChange, withChange } from "../subgraphs/fold.js";
import type { Count, Entry, Findings, KeyBalance, Movement } from "./findings.js";
import { type Mutation, type Outcome, tenantOf } from "./writers.js";

export interface Asked {
  readonly mutation: Mutation;
  readonly outcome: Outcome;
}

export interface Check {
  /** The rule, as a sentence. */
  readonly rule: string;
  /** Where it does not hold; none when it does. */
  readonly problems: readonly string[];
}

export function judge(asked: readonly Asked[], found: Findings): Check[] {
  const keys = byKey(found.movements);
  return [
    check("What writers were told is true, and what was refused left nothing behind", truthOf(asked, found)),
    check("The versions of every key count its commits without a gap", gapsIn(keys)),
    check("The counter counted every committed change once and nothing else", countedWrongly(keys, found.counts)),
    check("The journal has every committed change once, in order for each key", ordered(keys, found.entries, "moved")),
    check("So it has every event that a reaction published", ordered(keys, found.entries, "balanced")),
    check("The live read model equals one built from the committed rows", unequal(rebuiltFrom(keys), found.live)),
    check("The live read model equals one built from the stored events", unequal(asMap(found.live), found.rebuilt)),
    check("Nothing waits, and nothing was given up", leftOver(found.waiting)),
  ];
}

const check = (rule: string, problems: readonly string[]): Check => ({ rule, problems });
const placeOf = ({ tenant, key }: { tenant: string; key: string }): string => `${tenant} ${key}`;

function byKey(movements: readonly Movement[]): Map<string, Movement[]> {
  return groupBy(movements, placeOf);
}

function truthOf(asked: readonly Asked[], { mutations, movements }: Findings): string[] {
  const tenants = new Map(mutations.map(({ id, tenant }) => [id, tenant]));
  const written = groupBy(movements, ({ mutationId }) => mutationId);
  const known = new Set(asked.map(({ mutation }) => mutation.id));
  const invented = mutations
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => `${id} was committed, nobody asked for it`);
  return [
    ...invented,
    ...asked.flatMap((one) => untruth(one, tenants.get(one.mutation.id), written.get(one.mutation.id))),
  ];
}

function untruth(
  { mutation, outcome }: Asked,
  tenant: string | undefined,
  written: readonly Movement[] = [],
): string[] {
  const { id, doomed, writer } = mutation;
  if (tenant === undefined) {
    const lost = outcome === "recorded" ? [`${id} was acknowledged and is not in the database`] : [];
    return written.length > 0 ? [...lost, `${id} was not committed, but changes of it were`] : lost;
  }
  if (doomed || outcome === "refused") return [`${id} was refused and is in the database`];
  if (tenant !== tenantOf(writer)) return [`${id} belongs to another organization`];
  const text = (all: readonly { key: string; amount: number }[]) =>
    all
      .map(({ key, amount }) => `${key} ${amount}`)
      .sort()
      .join();
  return text(written) === text(mutation.movements) ? [] : [`${id} was committed in parts: ${text(written)}`];
}

function gapsIn(keys: ReadonlyMap<string, readonly Movement[]>): string[] {
  return [...keys].flatMap(([place, movements]) => {
    const at = movements.findIndex(({ version }, index) => version !== index + 1);
    return at < 0 ? [] : [`${place}: version ${movements[at]?.version} stands where ${at + 1} should`];
  });
}

function countedWrongly(keys: ReadonlyMap<string, readonly Movement[]>, counts: readonly Count[]): string[] {
  const found = new Map(counts.map((count) => [placeOf(count), count]));
  const invented = [...found.keys()]
    .filter((place) => !keys.has(place))
    .map((place) => `${place}: counted without a commit`);
  const wrong = [...keys].flatMap(([place, movements]) => {
    const { events = 0, total = 0 } = found.get(place) ?? {};
    const sum = movements.reduce((before, { amount }) => before + amount, 0);
    if (events === movements.length && total === sum) return [];
    return [`${place}: ${events} changes of ${total} in all, instead of ${movements.length} of ${sum}`];
  });
  return [...invented, ...wrong];
}

function ordered(keys: ReadonlyMap<string, readonly Movement[]>, entries: readonly Entry[], kind: string): string[] {
  const found = groupBy(
    entries.filter((entry) => entry.kind === kind),
    placeOf,
  );
  const invented = [...found.keys()]
    .filter((place) => !keys.has(place))
    .map((place) => `${place}: heard without a commit`);
  const wrong = [...keys].flatMap(([place, movements]) => {
    const heard = found.get(place) ?? [];
    const length = Math.max(heard.length, movements.length);
    for (let at = 0; at < length; at++) {
      const [is, should] = [heard[at], movements[at]];
      if (is?.version === should?.version && is?.mutationId === should?.mutationId) continue;
      return [
        `${place}: entry ${at + 1} of ${movements.length} is version ${is?.version ?? "(none)"} instead of ${should?.version ?? "(none)"}`,
      ];
    }
    return [];
  });
  return [...invented, ...wrong];
}

function rebuiltFrom(keys: ReadonlyMap<string, readonly Movement[]>): Map<string, Balance> {
  return new Map([...keys].map(([place, movements]) => [place, movements.reduce(withChange, noChange)]));
}

const asMap = (balances: readonly KeyBalance[]): Map<string, Balance> =>
  new Map(balances.map((balance) => [placeOf(balance), balance]));

function unequal(expected: ReadonlyMap<string, Balance>, balances: readonly KeyBalance[]): string[] {
  const found = asMap(balances);
  const places = new Set([...expected.keys(), ...found.keys()]);
  const text = (balance: Balance | undefined) =>
    balance ? `version ${balance.version}, ${balance.balance}, ${balance.checksum}` : "nothing";
  return [...places].flatMap((place) => {
    const [is, should] = [text(found.get(place)), text(expected.get(place))];
    return is === should ? [] : [`${place}: ${is} instead of ${should}`];
  });
}

function leftOver(waiting: Readonly<Record<string, number>>): string[] {
  return Object.entries(waiting).flatMap(([what, count]) => (count > 0 ? [`${what}: ${count}`] : []));
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const members = groups.get(keyOf(item));
    if (members) members.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
