/** Makes a new module known to @tessera/shared-types: its scopes, and the contract of its event. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem, root } from "../workspace.mjs";

const sources = join(root, "packages/shared-types/src");

function change(file, edit) {
  const path = join(sources, file);
  const before = readFileSync(path, "utf8");
  const after = edit(before);
  if (after === before) throw new Problem(`Did not find where to add the module in packages/shared-types/src/${file}.`);
  writeFileSync(path, after);
}

function addScopes(module) {
  change("permissions.ts", (text) =>
    text.replace(
      /(export const modules = \[)([^\]]*?),?\s*(\] as const)/,
      (_, start, list, end) => `${start}${list}, "${module}"${end}`,
    ),
  );
}

function addEvent({ suite, events, entity, eventType }) {
  const file = `events/${suite}.ts`;
  if (!existsSync(join(sources, file))) {
    const imports = 'import { z } from "zod";\nimport { defineEvent } from "./define.js";\n';
    writeFileSync(join(sources, file), `/** Events of the ${suite} suite. */\n${imports}`);
    const line = `export * as ${events} from "./events/${suite}.js";\n`;
    change("index.ts", (text) => text.replace(/(export \* as \w+Events from [^\n]*\n)(?!export \* as)/, `$1${line}`));
  }
  const contract = `defineEvent("${eventType}", 1, z.object({ ${entity}Id: z.string(), name: z.string() }))`;
  change(file, (text) => `${text}\nexport const ${entity}Created = ${contract};\n`);
}

export function introduce(names) {
  addScopes(names.module);
  addEvent(names);
}
