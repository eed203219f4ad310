/** Writes a module's next migration from its tables, or checks that none is missing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildStale } from "./build.mjs";
import { findSubgraph, isMain, listSubgraphs, Problem, root, runScript, shown } from "./workspace.mjs";

const help = `
Usage: npm run migrations -- <suite>/<module> [name]   write the next migration of one module
       npm run migrations -- --check                   fail when tables and migrations of any module differ

A migration is named by what it does, such as add-due-date, and is frozen once merged: later changes are new migrations.
`;

function importBuilt(...path) {
  return import(pathToFileURL(join(root, ...path)).href);
}

async function requestFor({ name, folder }) {
  const tables = await import(pathToFileURL(join(folder, "dist", "tables.js")).href);
  return { module: name, tables, migrationsDir: join(folder, "migrations") };
}

async function check() {
  const { checkMigrations } = await importBuilt("packages/database/dist/migrations.js");
  const withTables = listSubgraphs().filter(({ folder }) => existsSync(join(folder, "dist", "tables.js")));
  const problems = [];
  for (const subgraph of withTables) {
    const missing = await checkMigrations(await requestFor(subgraph));
    const address = `${subgraph.suite}/${subgraph.name}`;
    if (missing.length > 0)
      problems.push(
        `${address} lacks a migration. Run: npm run migrations -- ${address} <name>\n  ${missing.join("\n  ")}`,
      );
  }
  if (problems.length > 0) throw new Problem(problems.join("\n"));
  console.log(`Migrations match the tables of ${withTables.length} modules.`);
}

async function write(address, name = "change-tables") {
  if (!/^[a-z0-9]+([-_][a-z0-9]+)*$/.test(name))
    throw new Problem(`"${name}" cannot name a migration: use words joined by "-".`);
  const { generateMigration } = await importBuilt("packages/database/dist/migrations.js");
  const written = await generateMigration({ ...(await requestFor(findSubgraph(address))), name });
  if (!written) return console.log(`The migrations of ${address} match its tables.`);
  console.log(`Wrote ${shown(written.file)}\n\n${written.statements.join("\n")}`);
}

export async function migrations(args) {
  const [first, name] = args;
  if (first === undefined) throw new Problem("Say which module: npm run migrations -- <suite>/<module> [name]");
  await buildStale();
  await (first === "--check" ? check() : write(first, name));
}

if (isMain(import.meta)) await runScript(help, migrations);
