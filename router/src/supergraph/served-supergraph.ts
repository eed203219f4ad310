/** The supergraph that is served right now, and how another one takes its place without dropping a request. */
import type { SubgraphConnection } from "@tessera/shared-types";
import { warm } from "../planning/warm.js";
import { createSharingKey, type SharingKey } from "../request/sharing-key.js";
import type { Generation } from "./generation.js";
import { type GenerationSetting, type Supply, startGeneration } from "./start-generation.js";

export interface ServedSetting extends GenerationSetting {
  /** Extensions may look at any header of a client, so queries are shared only where all are equal. */
  readonly readsAllHeaders: boolean;
  /** Runs after each switch. */
  readonly onReplaced: (generation: Generation) => Promise<void>;
}

/** Everything that changes together. */
interface Current {
  readonly generation: Generation;
  readonly connections: ReadonlyMap<string, SubgraphConnection>;
  readonly sharingKey: SharingKey;
}

export class ServedSupergraph {
  readonly #setting: ServedSetting;
  #current: Current;

  private constructor(setting: ServedSetting, current: Current) {
    this.#setting = setting;
    this.#current = current;
  }

  static async start(supply: Supply, setting: ServedSetting): Promise<ServedSupergraph> {
    return new ServedSupergraph(setting, await begin(supply, setting));
  }

  get generation(): Generation {
    return this.#current.generation;
  }

  get sharingKey(): SharingKey {
    return this.#current.sharingKey;
  }

  connection(name: string): SubgraphConnection | undefined {
    return this.#current.connections.get(name);
  }

  /** Plans what is asked most before it switches. When it rejects, everything is as it was. */
  async replace(supply: Supply): Promise<void> {
    const before = this.#current.generation;
    const next = await begin(supply, this.#setting);
    await warm(before.plans.hottest(mostWarmed), next.generation.plans, { budgetMs: warmBudgetMs });
    this.#current = next;
    await this.#setting.onReplaced(next.generation);
    // Requests that run on the old one are waited for, but not by whoever reloads.
    void before.close();
  }

  close(): Promise<void> {
    return this.#current.generation.close();
  }
}

/** Operations planned ahead of a switch, and the longest time that may take. */
const mostWarmed = 200;
const warmBudgetMs = 20_000;

async function begin(supply: Supply, setting: ServedSetting): Promise<Current> {
  return {
    generation: await startGeneration(supply, setting),
    connections: new Map(supply.connections.map((connection) => [connection.name, connection])),
    sharingKey: createSharingKey(supply.connections, setting.readsAllHeaders),
  };
}
