/** Composes the four subgraphs and writes the supergraph file that every gateway is started with. */
import { writeFileSync } from "node:fs";
import { schemas } from "./schemas.mjs";

export async function writeSupergraph(file, port) {
  // Not before it is called: the router may have to be built first.
  const { compose } = await import("@tessera/router");
  const sources = Object.entries(schemas).map(([name, sdl]) => ({
    name,
    sdl,
    file: `${name}.graphql`,
    url: `http://127.0.0.1:${port}/${name}`,
  }));
  writeFileSync(file, compose(sources).supergraphSdl);
}
