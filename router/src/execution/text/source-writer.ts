/** Text of a JavaScript module that is put together function by function, and then run. */

type Factory = (...scope: unknown[]) => unknown;

/** What ran of late, the most recent last, by its code and the names it may use. */
const factories = new Map<string, Factory>();
/** Characters of the code that is kept. */
const mostCharacters = 4_000_000;
let characters = 0;

/**
 * The same as `new Function`, in strict mode, with `scope` as the names the code may use. Returns what the code returns.
 * Functions of code that ran before begin with everything the engine learned about it: a reload stays fast.
 */
export function run(code: string, scope: Readonly<Record<string, unknown>>): unknown {
  return factoryOf(code, Object.keys(scope))(...Object.values(scope));
}

function factoryOf(code: string, names: readonly string[]): Factory {
  const key = `${names.join()}\n${code}`;
  const factory = factories.get(key) ?? (new Function(...names, `"use strict";\n${code}`) as Factory);
  if (!factories.delete(key)) characters += key.length;
  factories.set(key, factory);
  for (const oldest of factories.keys()) {
    if (characters <= mostCharacters) break;
    factories.delete(oldest);
    characters -= oldest.length;
  }
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
