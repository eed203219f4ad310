/** Who publishes what and who reacts. */
import type { EventContract } from "@tessera/shared-types";

type Named = Pick<EventContract, "type" | "version">;

/** What of a subgraph's definition is about events. */
export interface ModuleEvents {
  readonly name: string;
  readonly publishes?: readonly Named[];
  readonly reactions?: readonly { readonly contract: Named }[];
}

export interface EventUse {
  readonly type: string;
  readonly version: number;
  /** Modules, in the order of their names. */
  readonly publishers: readonly string[];
  readonly reactors: readonly string[];
}

export interface EventOverview {
  readonly events: readonly EventUse[];
  /** Modules that react to every event. */
  readonly reactToAll: readonly string[];
}

const everyType = "*";

/** Every contract and every event a module names, by type and version. */
export function eventOverview(modules: readonly ModuleEvents[], contracts: readonly Named[]): EventOverview {
  const reacted = modules.flatMap(({ reactions = [] }) => reactions.map(({ contract }) => contract));
  const published = modules.flatMap(({ publishes = [] }) => publishes);
  const named = [...contracts, ...published, ...reacted].filter(({ type }) => type !== everyType);
  const distinct = [...new Map(named.map(({ type, version }) => [`${type}@${version}`, { type, version }])).values()];
  const inOrder = distinct.sort((a, b) => (a.type === b.type ? a.version - b.version : a.type < b.type ? -1 : 1));
  return {
    events: inOrder.map((event) => ({
      ...event,
      publishers: namesOf(modules, ({ publishes = [] }) => publishes.some((each) => isSame(each, event))),
      reactors: namesOf(modules, ({ reactions = [] }) => reactions.some(({ contract }) => isSame(contract, event))),
    })),
    reactToAll: namesOf(modules, ({ reactions = [] }) => reactions.some(({ contract }) => contract.type === everyType)),
  };
}

const isSame = (one: Named, other: Named): boolean => one.type === other.type && one.version === other.version;

function namesOf(modules: readonly ModuleEvents[], does: (module: ModuleEvents) => boolean): string[] {
  return modules
    .filter(does)
    .map(({ name }) => name)
    .sort();
}
