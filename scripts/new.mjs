/** Generates a package that passes every check as it comes; a contributor then turns it into the module they want. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { migrations } from "./migrations.mjs";
import { namesFor } from "./new/names.mjs";
import { introduce } from "./new/shared-types.mjs";
import { listSubgraphs, Problem, root, runScript, shown } from "./workspace.mjs";

const help = `
Usage: npm run new -- subgraph <suite>/<module> [--entity <Type>]

Generates subgraphs/<suite>/<module>: schema, one entity with list and mutation, one event, table and migration, demo
story, README and tests. Adds the module to the scopes, the event contracts, supergraph.yaml and package-lock.json.

  --entity <Type>   name of the entity type; by default derived from the module's name
`;

const template = join(import.meta.dirname, "new", "template");

const fill = (text, names) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => names[name]);

function writePackage(folder, names) {
  const files = readdirSync(template, { recursive: true }).filter((file) => statSync(join(template, file)).isFile());
  for (const file of files) {
    const target = join(folder, fill(file, names).replace(/\.tmpl$/, ""));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, fill(readFileSync(join(template, file), "utf8"), names));
  }
}

function refuseTaken({ suite, module }) {
  const twin = listSubgraphs().find(({ name }) => name === module);
  if (twin)
    throw new Problem(
      `There is a module "${module}" already, in ${shown(twin.folder)}: choose another name for ${suite}/${module}.`,
    );
}

function runTool(what, command, args) {
  const path = `${join(root, "node_modules", ".bin")}:${process.env.PATH}`;
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: path },
  });
  if (status !== 0) throw new Problem(`${what} failed:\n${stdout}${stderr}`);
}

/** What \`npm install\` does for a workspace whose dependencies are all here: the lock file and the link. */
function joinWorkspace(folder, { suite, module }) {
  runTool("Adding the package to package-lock.json", "npm", ["install", "--package-lock-only", "--offline"]);
  const link = join(root, "node_modules", "@tessera", `${suite}-${module}`);
  if (!existsSync(link)) symlinkSync(relative(dirname(link), folder), link);
}

async function main([kind, address, ...options]) {
  if (kind !== "subgraph" || !address) throw new Problem("Say what: npm run new -- subgraph <suite>/<module>");
  const entity = options[0] === "--entity" ? options[1] : undefined;
  if (options.length > 0 && entity === undefined)
    throw new Problem("The only option is --entity <Type>. See: npm run new -- --help");
  const names = namesFor(address, entity);
  refuseTaken(names);
  const folder = join(root, "subgraphs", names.suite, names.module);
  writePackage(folder, names);
  introduce(names);
  joinWorkspace(folder, names);
  runTool("Formatting", "biome", ["check", "--write", folder, join(root, "packages/shared-types/src")]);
  runTool("Writing supergraph.yaml", process.execPath, [join(root, "scripts/supergraph.mjs")]);
  runTool("Generating types", "graphql-codegen", ["--config", "codegen.ts"]);
  await migrations([address, "create-tables"]);
  console.log(`\n${shown(folder)} is there and passes. Next: its README and schema.graphql, then npm test.`);
}

await runScript(help, main);
