/** Writes supergraph.yaml from the folders, in the format of Apollo's `rover supergraph compose`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { isMain, listSubgraphs, Problem, readJson, root, runScript, shown } from "./workspace.mjs";

const help = `
Usage: npm run supergraph [-- --check]

Writes supergraph.yaml from the folders under subgraphs/. A subgraph keeps the local port it has; a new one gets the
lowest free port from 4101 on.

  --check   change nothing; fail when the file and the folders differ
`;

const firstPort = 4101;
const heading = "# Written by `npm run supergraph` from the folders under subgraphs/; not edited by hand.\n";
const file = join(root, "supergraph.yaml");

function currentPorts() {
  if (!existsSync(file)) return new Map();
  const { subgraphs = {} } = parse(readFileSync(file, "utf8")) ?? {};
  return new Map(Object.entries(subgraphs).map(([name, entry]) => [name, Number(new URL(entry.routing_url).port)]));
}

function assignPorts(names) {
  const before = currentPorts();
  const kept = new Map(names.filter((name) => before.has(name)).map((name) => [name, before.get(name)]));
  const taken = new Set(kept.values());
  for (const name of names.filter((wanted) => !kept.has(wanted))) {
    let port = firstPort;
    while (taken.has(port)) port += 1;
    taken.add(port);
    kept.set(name, port);
  }
  return kept;
}

function refuseTwins(subgraphs) {
  const twin = subgraphs.find(({ name }, index) => subgraphs.findIndex((other) => other.name === name) !== index);
  if (twin)
    throw new Problem(`Two suites have a module called "${twin.name}". A module's name is unique: rename one folder.`);
}

/** The file's text as the folders demand it. */
export function renderSupergraph() {
  const subgraphs = listSubgraphs();
  refuseTwins(subgraphs);
  const ports = assignPorts(subgraphs.map((subgraph) => subgraph.name));
  const entries = subgraphs.map(({ name, folder }) => [
    name,
    {
      routing_url: `http://localhost:${ports.get(name)}/graphql`,
      schema: { file: `./${shown(join(folder, "schema.graphql"))}` },
    },
  ]);
  const version = readJson(root, "router", "package.json").dependencies["@apollo/composition"];
  return heading + stringify({ federation_version: `=${version}`, subgraphs: Object.fromEntries(entries) });
}

function main(args) {
  const wanted = renderSupergraph();
  const current = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (current === wanted) return console.log("supergraph.yaml matches the folders.");
  if (args.includes("--check")) {
    throw new Problem("supergraph.yaml does not match the folders under subgraphs/. Run: npm run supergraph");
  }
  writeFileSync(file, wanted);
  console.log("Wrote supergraph.yaml.");
}

if (isMain(import.meta)) await runScript(help, main);
