/** Composes generated subgraphs into the file named, and prints how long it took. */
import { writeFileSync } from "node:fs";
import { compose } from "../../router/dist/composition/compose.js";
import { generateSubgraphs } from "./schemas.mjs";

const [count, file] = process.argv.slice(2);
const start = performance.now();
const { supergraphSdl } = compose(generateSubgraphs(Number(count)));
console.log(JSON.stringify({ composeMs: Math.round(performance.now() - start) }));
writeFileSync(file, supergraphSdl);
