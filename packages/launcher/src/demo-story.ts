/** Tells the demo story: each module's part once per database, identity first, and only where the story began. */
import type { Database } from "@tessera/database";
import { createStage, type Runtime } from "@tessera/subgraph";
import type { LoadedSubgraph } from "./supergraph-file.js";

/** Stands in the table for "this database was started without the demo world". */
const noDemo = "(none)";

export interface Story {
  /** Modules whose part is still to be told. */
  readonly untold: readonly LoadedSubgraph[];
  /** Modules whose part was begun and not finished. */
  readonly broken: readonly string[];
}

/** Call after `migrate`. A database that holds other data than the demo's never gets any. */
export async function readStory(
  database: Database,
  subgraphs: readonly LoadedSubgraph[],
  wanted: boolean,
): Promise<Story> {
  const { admin } = database;
  const [row] = await admin<{ known: boolean }[]>`select to_regclass('kernel.demo_story') is not null as known`;
  if (!row?.known) {
    await admin`create table kernel.demo_story (module text primary key, finished_at timestamptz)`;
    if (!wanted) await admin`insert into kernel.demo_story values (${noDemo}, now())`;
  }
  const told = await admin<{ module: string; finished: boolean }[]>`
    select module, finished_at is not null as finished from kernel.demo_story`;
  const known = new Set(told.map(({ module }) => module));
  const untold = known.has(noDemo) || !wanted ? [] : inOrder(subgraphs).filter(({ name }) => !known.has(name));
  return { untold, broken: told.filter(({ finished }) => !finished).map(({ module }) => module) };
}

/** Identity makes the people everybody else refers to; the platform suite comes before the business suites. */
function inOrder(subgraphs: readonly LoadedSubgraph[]): LoadedSubgraph[] {
  const rank = ({ name, suite }: LoadedSubgraph) => (name === "identity" ? 0 : suite === "platform" ? 1 : 2);
  const withStory = subgraphs.filter(({ subgraph }) => subgraph.demo !== undefined);
  return withStory.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/**
 * Reactions have to run meanwhile: modules wait for what their neighbours make of their events. Without a story nothing is
 * waited for: what other processes have still to do must not keep this one from answering.
 */
export async function tellStory(story: Story, runtime: Runtime, onProgress: (line: string) => void): Promise<void> {
  if (story.untold.length === 0) return;
  const { admin } = runtime.database;
  for (const { name, subgraph } of story.untold) {
    onProgress(`Telling the demo story of ${name}`);
    await admin`insert into kernel.demo_story (module) values (${name})`;
    const part = await subgraph.demo?.();
    await part?.default(createStage(subgraph, runtime));
    await admin`update kernel.demo_story set finished_at = now() where module = ${name}`;
  }
  await runtime.events.idle();
}
