/** `npm run events`: who publishes what and who reacts; and what contracts may become. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { buildStale } from "./build.mjs";
import { Problem, readJson, root, runScript, shown } from "./workspace.mjs";

const help = `
Usage: npm run events                            who publishes what, and who reacts
       npm run events -- --check                 fail when a contract does not go with what was released
       npm run events -- --release               record the contracts as released
       npm run events -- --asyncapi <file>       write an AsyncAPI 3 document

Contracts are the exports of packages/shared-types/src/events; what modules do with them stands in their definitions. What was
released is recorded in packages/shared-types/released-events.json, which is committed. Within a version, a contract and
every release of it have to understand each other's events.
`;

const recordFile = join(root, "packages/shared-types/released-events.json");
const importBuilt = (path) => import(pathToFileURL(join(root, path)).href);
const readRecord = () => (existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, "utf8")) : {});

/** Everything the commands need, from the built packages. */
async function load() {
  await buildStale();
  const release = await importBuilt("packages/contracts/dist/release/index.js");
  const { loadSupergraph } = await importBuilt("packages/launcher/dist/supergraph-file.js");
  const shared = release.contractsIn(await importBuilt("packages/shared-types/dist/index.js"));
  const modules = (await loadSupergraph(root)).subgraphs.map(({ subgraph }) => subgraph);
  const own = modules.flatMap(({ publishes = [] }) => publishes);
  const contracts = [...new Map([...own, ...shared].map((each) => [`${each.type}@${each.version}`, each])).values()];
  return { release, modules, contracts };
}

function table(heading, rows) {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("   ")
      .trimEnd();
  return [line(heading), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n");
}

const listed = (names, otherwise) => (names.length > 0 ? names.join(", ") : otherwise);

function overview({ release, modules, contracts }) {
  const { events, reactToAll } = release.eventOverview(modules, contracts);
  const rows = events.map(({ type, version, publishers, reactors }) => [
    type,
    String(version),
    listed(publishers, "–"),
    listed(reactors, "–"),
  ]);
  console.log(table(["event", "version", "published by", "reacted to by"], rows));
  if (reactToAll.length > 0) console.log(`\nEvery event also goes to: ${reactToAll.join(", ")}.`);
  const unheard = events.filter(({ reactors }) => reactors.length === 0).length;
  const silent = events.filter(({ publishers }) => publishers.length === 0).length;
  console.log(`\n${events.length} events. No module publishes ${silent} of them, no module reacts to ${unheard}.`);
  const { added, changed, problems } = release.checkAgainstReleased(contracts, readRecord());
  for (const line of [news(added, "not released yet"), news(changed, "changed since the release")])
    if (line) console.log(line);
  if (problems.length > 0)
    console.log(`${problems.length} do not go with what was released: npm run events -- --check`);
}

function news(names, what) {
  const more = names.length > 8 ? ` and ${names.length - 8} more` : "";
  return names.length > 0 ? `${names.length} ${what}: ${names.slice(0, 8).join(", ")}${more}.` : null;
}

function explain(problems) {
  const texts = problems.map(
    ({ type, version, reasons }) =>
      `${type}, version ${version}\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`,
  );
  return `${texts.join("\n\n")}

${problems.length} contract${problems.length === 1 ? "" : "s"} changed in a way that others do not understand. Take the change back, make what is new
optional, or leave the version as it is and define the next one beside it: defineEvent(type, version + 1, …).`;
}

function check({ release, contracts }) {
  const { problems, added, changed } = release.checkAgainstReleased(contracts, readRecord());
  if (problems.length > 0) throw new Problem(explain(problems));
  console.log(`${contracts.length} contracts go with what was released.`);
  for (const line of [news(added, "not released yet"), news(changed, "changed as they may")])
    if (line) console.log(line);
}

function record({ release, contracts }) {
  const { problems, added, changed } = release.checkAgainstReleased(contracts, readRecord());
  if (problems.length > 0) throw new Problem(explain(problems));
  if (added.length + changed.length === 0) return console.log("Everything is recorded already.");
  writeFileSync(recordFile, `${JSON.stringify(release.addToRelease(contracts, readRecord()), null, 2)}\n`);
  console.log(`Wrote ${shown(recordFile)}: ${listed([...added, ...changed], "nothing")}.`);
}

function writeAsyncApi({ release, modules, contracts }, file) {
  if (!file) throw new Problem("Say which file: npm run events -- --asyncapi <file>");
  const { name, version } = readJson(root, "package.json");
  const title = `${name[0].toUpperCase()}${name.slice(1)} events`;
  const path = resolve(file);
  const document = release.asyncApiOf({ title, version, modules, contracts });
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
  console.log(`Wrote ${file}: ${contracts.length} messages.`);
}

async function main([command, file, ...more]) {
  const commands = { "--check": check, "--release": record, "--asyncapi": writeAsyncApi };
  const run = command === undefined ? overview : commands[command];
  const tooMany = more.length > 0 || (file !== undefined && command !== "--asyncapi");
  if (!run || tooMany) throw new Problem(`That is no command of this script.\n\n${help.trim()}`);
  run(await load(), file);
}

await runScript(help, main);
