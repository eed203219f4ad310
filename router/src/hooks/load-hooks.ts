/** Hooks from a module file, as `hooks:` of router.yaml names it. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearest } from "../config/did-you-mean.js";
import { composeHooks } from "./compose-hooks.js";
import { hookNames, type RouterHooks } from "./router-hooks.js";

/** The module cannot be used; the message says what it has to look like. */
export class HooksProblem extends Error {
  readonly code = "HOOKS_INVALID";

  constructor(file: string, message: string, options?: ErrorOptions) {
    super(`${file} ${message}`, options);
    this.name = "HooksProblem";
  }
}

/**
 * Imports a JavaScript module that default-exports `RouterHooks`, or a list of them that run in order. A file that has
 * changed since the last time is imported again; what it imports itself is not.
 *
 * @throws HooksProblem
 */
export async function loadHooks(file: string): Promise<RouterHooks> {
  const path = resolve(file);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new HooksProblem(path, "is not there: hooks are a JavaScript module.");
  const module = await importModule(path, found.mtimeMs);
  if (module.default === undefined) throw new HooksProblem(path, "has no default export: export default { … }.");
  const all = Array.isArray(module.default) ? (module.default as unknown[]) : [module.default];
  return composeHooks(all.map((hooks) => checked(path, hooks)));
}

async function importModule(path: string, changedMs: number): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(`${pathToFileURL(path).href}?changed=${changedMs}`)) as { readonly default?: unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HooksProblem(path, `cannot be loaded: ${reason}`, { cause: error });
  }
}

function checked(path: string, hooks: unknown): RouterHooks {
  if (typeof hooks !== "object" || hooks === null) {
    throw new HooksProblem(
      path,
      `exports something else than hooks, which are an object with ${hookNames.join(", ")}.`,
    );
  }
  for (const [name, hook] of Object.entries(hooks)) {
    if (!hookNames.some((known) => known === name)) throw new HooksProblem(path, unknownHook(name));
    if (typeof hook !== "function") throw new HooksProblem(path, `has a ${name} that is not a function.`);
  }
  return hooks as RouterHooks;
}

function unknownHook(name: string): string {
  const meant = nearest(name, hookNames);
  return `has "${name}", which is no hook. ${meant === null ? `There are ${hookNames.join(", ")}.` : `Did you mean "${meant}"?`}`;
}
