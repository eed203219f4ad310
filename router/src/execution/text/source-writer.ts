/** Text of a JavaScript module that is put together function by function, and then run. */
import { LRUCache } from "lru-cache";

type Factory = (...scope: unknown[]) => unknown;

/** What ran of late, by its code and the names it may use: so many characters of it. */
const factories = new LRUCache<string, Factory>({ maxSize: 4_000_000, sizeCalculation: (_, key) => key.length });

/**
 * The same as `new Function`, in strict mode, with `scope` as the names the code may use. Returns what the code returns.
 * Functions of code that ran before begin with everything the engine learned about it: a reload stays fast.
 */
export function run(code: string, scope: Readonly<Record<string, unknown>>): unknown {
  return factoryOf(code, Object.keys(scope))(...Object.values(scope));
}

function factoryOf(code: string, names: readonly string[]): Factory {
  const key = `${names.join()}\n${code}`;
  const known = factories.get(key);
  if (known) return known;
  const factory = new Function(...names, `"use strict";\n${code}`) as Factory;
  factories.set(key, factory);
  return factory;
}

export class SourceWriter {
  readonly #functions = new Map<string, string>();
  readonly #names = new Set<string>();
  readonly #shared = new Map<string, string>();

  /** A name no other function has. `hint` is a GraphQL name. */
  name(hint: string): string {
    for (let number = 1; ; number++) {
      const name = `${hint}_${number}`;
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      return name;
    }
  }

  define(name: string, parameters: string, lines: readonly string[]): void {
    this.#functions.set(name, `function ${name}(${parameters}) {\n${lines.map((line) => `  ${line}\n`).join("")}}`);
  }

  /** Name of a function with this body: one that is there already, or a new one. */
  share(hint: string, parameters: string, lines: readonly string[]): string {
    const body = lines.join("\n");
    const known = this.#shared.get(body);
    if (known) return known;
    const name = this.name(hint);
    this.#shared.set(body, name);
    this.define(name, parameters, lines);
    return name;
  }

  /** The functions, and the `last` line. */
  code(last: string): string {
    return [...this.#functions.values(), last].join("\n");
  }
}
