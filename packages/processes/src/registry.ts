/** What the modules of this process can run. */
import type { AnyProcess } from "./define.js";
import { ProcessesError } from "./errors.js";
import type { RunStep } from "./processes.js";

export interface Registered {
  readonly module: string;
  readonly definition: AnyProcess;
  readonly run: RunStep;
}

/** Modules and versions that this process knows, as parallel lists for SQL. */
export interface Known {
  readonly modules: string[];
  readonly names: string[];
  readonly versions: number[];
}

const keyOf = (module: string, name: string, version: number): string => `${module}/${name}@${version}`;

export class Registry {
  readonly #entries = new Map<string, Registered>();

  /** `PROCESS_DUPLICATE` */
  add(module: string, definitions: readonly AnyProcess[], run: RunStep): () => void {
    const keys = definitions.map(({ name, version }) => keyOf(module, name, version));
    for (const [index, definition] of definitions.entries()) {
      const { name, version } = definition;
      const key = keys[index] ?? "";
      if (this.#entries.has(key)) throw new ProcessesError("PROCESS_DUPLICATE", { module, name, version });
      this.#entries.set(key, { module, definition, run });
    }
    return () => {
      for (const key of keys) this.#entries.delete(key);
    };
  }

  find(module: string, name: string, version: number): Registered | undefined {
    return this.#entries.get(keyOf(module, name, version));
  }

  get modules(): string[] {
    return [...new Set([...this.#entries.values()].map(({ module }) => module))];
  }

  get keys(): string[] {
    return [...this.#entries.keys()];
  }

  get known(): Known {
    const entries = [...this.#entries.values()];
    return {
      modules: entries.map(({ module }) => module),
      names: entries.map(({ definition }) => definition.name),
      versions: entries.map(({ definition }) => definition.version),
    };
  }
}
