/** What `/metrics` of a router says at this moment. */
import type { Graph } from "./graph.js";

/** The sum of all series of that name whose labels include these; 0 when there is none. */
export async function metricOf(
  { url }: Pick<Graph, "url">,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(new URL("/metrics", url))).text();
  const series = text.matchAll(/^([a-z_]+)\{([^}]*)\} (\S+)$/gm);
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return [...series]
    .filter(([, found, all = ""]) => found === name && wanted.every((one) => all.includes(one)))
    .reduce((sum, [, , , value]) => sum + Number(value), 0);
}
