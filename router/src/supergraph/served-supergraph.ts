/** The supergraph that is served right now, and how another one takes its place without dropping a request. */
import type { SubgraphConnection } from "@tessera/shared-types";
import { RouterError } from "../errors/router-error.js";
import { Recordings } from "../execution/recordings.js";
import { warm } from "../planning/warm.js";
import { createSharingKey, type SharingKey } from "../request/sharing-key.js";
import type { Generation } from "./generation.js";
import { type GenerationSetting, type Supply, startGeneration } from "./start-generation.js";

export interface ServedSetting extends GenerationSetting {
  /** Extensions may look at any header of a client, so queries are shared only where all are equal. */
  readonly readsAllHeaders: boolean;
  /** Operations that are planned ahead, after those that are asked most; none unless the configuration says so. */
  readonly published: () => Iterable<string>;
}

/** Another supergraph, or the same one served otherwise. */
export interface Replacement {
  readonly supply: Supply;
  readonly setting: ServedSetting;
  /** Runs at the moment of the switch, before any other request; what it starts is waited for. */
  readonly onSwitch: (generation: Generation) => Promise<void>;
}

/** What became of the supergraph that was served before. */
export interface Replaced {
  /**
   * Resolves when no request and no stream uses it any more, with its connections that nobody needs: their owner may
   * close them now. Never rejects.
   */
  readonly released: Promise<readonly SubgraphConnection[]>;
}

/** Everything that changes together. */
interface Served {
  readonly generation: Generation;
  readonly connections: ReadonlySet<SubgraphConnection>;
  readonly sharingKey: SharingKey;
}

export class ServedSupergraph {
  #setting: ServedSetting;
  #current: Served;
  /** Begun, and not served yet. */
  #next: Served | null = null;
  /** Served no more, but in use by requests that came before. */
  readonly #leaving = new Map<Served, Promise<unknown>>();
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(setting: ServedSetting, current: Served) {
    this.#setting = setting;
    this.#current = current;
  }

  static async start(supply: Supply, setting: ServedSetting): Promise<ServedSupergraph> {
    const served = await begin(supply, setting, null);
    try {
      await prepareAhead(served, setting, null);
      return new ServedSupergraph(setting, served);
    } catch (error) {
      await served.generation.close();
      throw error;
    }
  }

  get generation(): Generation {
    return this.#current.generation;
  }

  get sharingKey(): SharingKey {
    return this.#current.sharingKey;
  }

  /**
   * Plans what is asked most before it switches. When it rejects, everything is as it was. One after the other: of two
   * that are asked for, the later one is served in the end.
   */
  replace(replacement: Replacement): Promise<Replaced> {
    const replaced = this.#turn.then(() => this.#replace(replacement));
    // What it came to is not kept: it has what was served before.
    this.#turn = replaced.then(nothing, nothing);
    return replaced;
  }

  /** Waits for running requests. A replacement that is under way rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // Whoever waits for its plans hears that there will be none.
    await this.#next?.generation.plans.close();
    await this.#turn;
    await Promise.all([this.#current.generation.close(), ...this.#leaving.values()]);
  }

  async #replace({ supply, setting, onSwitch }: Replacement): Promise<Replaced> {
    this.#refuseWhenClosed();
    const before = this.#current;
    const next = await begin(supply, setting, before.generation);
    try {
      await this.#warm(next, setting);
      this.#refuseWhenClosed();
    } catch (error) {
      await next.generation.close();
      throw error;
    }
    this.#current = next;
    this.#setting = setting;
    await onSwitch(next.generation);
    return { released: this.#release(before) };
  }

  async #warm(next: Served, setting: ServedSetting): Promise<void> {
    this.#next = next;
    try {
      await prepareAhead(next, setting, this.#current.generation);
    } finally {
      this.#next = null;
    }
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new RouterError("SHUTTING_DOWN");
  }

  /** Requests that run on it are waited for, but not by whoever reloads. */
  #release(before: Served): Promise<readonly SubgraphConnection[]> {
    const { log } = this.#setting.telemetry;
    const released = before.generation
      .close()
      .catch((error) => log.error({ err: error }, "a replaced supergraph could not be closed"))
      .then(() => {
        this.#leaving.delete(before);
        const used = new Set([this.#current, ...this.#leaving.keys()].flatMap(({ connections }) => [...connections]));
        return [...before.connections].filter((connection) => !used.has(connection));
      });
    this.#leaving.set(before, released);
    return released;
  }
}

function nothing(): void {}

/** Operations prepared ahead of a switch, and the longest time that may take. */
const mostWarmed = 200;
const warmBudgetMs = 20_000;

/** Plans and compiles what was asked of the supergraph `before`, and what is published, before anybody waits for it. */
async function prepareAhead(
  { generation }: Served,
  { execution, published }: ServedSetting,
  before: Generation | null,
): Promise<void> {
  const warmUp = execution.planning?.warmUp ?? {};
  const { operations: most = mostWarmed, budgetMs = warmBudgetMs } = warmUp;
  const asked = [
    ...(before?.operations.recent(most) ?? []),
    ...(warmUp.published ? [...published()].map((text) => ({ text, name: undefined })) : []),
  ];
  const works = [
    ...(before?.plans.hottest(most) ?? []).map((request) => () => generation.plans.plan(request)),
    ...asked.map((one) => () => generation.prepareAhead(one)),
  ];
  if (works.length > 0) await warm(works, { budgetMs });
}

async function begin(supply: Supply, setting: ServedSetting, before: Generation | null): Promise<Served> {
  const recordings = recordingsOf(setting, before);
  return {
    generation: await startGeneration(supply, setting, { recordings, isReload: before !== null }),
    connections: new Set(supply.connections),
    sharingKey: createSharingKey(supply.connections, setting.readsAllHeaders),
  };
}

const mostRecorded = 16 * 1024 * 1024;

function recordingsOf({ execution: { recordingBytes = mostRecorded } }: ServedSetting, before: Generation | null) {
  if (before?.recordings?.mostBytes === recordingBytes) return before.recordings;
  return recordingBytes === 0 ? null : new Recordings(recordingBytes);
}
