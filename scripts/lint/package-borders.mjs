/** Which package may import which: the table of docs and architecture, as data. */
import { isTest } from "./sources.mjs";

const kernel = [
  "access",
  "contracts",
  "database",
  "demo-world",
  "events",
  "processes",
  "shared-types",
  "subgraph",
  "telemetry",
];
const allowed = {
  "shared-types": [],
  contracts: ["shared-types"],
  "demo-world": ["shared-types"],
  telemetry: ["shared-types"],
  database: ["shared-types", "telemetry"],
  access: ["shared-types", "telemetry"],
  events: ["shared-types", "database", "telemetry"],
  processes: ["shared-types", "database", "events", "telemetry"],
  subgraph: ["access", "database", "events", "processes", "shared-types", "telemetry"],
  testkit: [...kernel, "router"],
  launcher: [...kernel, "router"],
  e2e: [...kernel, "launcher"],
  router: ["access", "shared-types", "telemetry"],
};

const isOurs = (specifier) => specifier.startsWith("@tessera/");

/** `@tessera/database/testing` → `database`; `@node-rs/argon2` → `@node-rs/argon2`. */
export function packageOf(specifier) {
  const parts = specifier.split("/");
  if (isOurs(specifier)) return parts[1];
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
}

/** What is wrong with `owner` importing `specifier` in `file`, or null. `owner` is `{ kind, name, manifest }`. */
export function borderProblem(owner, file, { specifier, dynamic }) {
  if (specifier.startsWith("node:") || specifier.startsWith(".")) return null;
  return undeclared(owner, file, specifier, dynamic) ?? (isOurs(specifier) ? forbidden(owner, file, specifier) : null);
}

/** A development dependency may be loaded on demand, by what only developers run. */
function undeclared({ manifest, rootManifest }, file, specifier, dynamic) {
  const name = isOurs(specifier) ? `@tessera/${packageOf(specifier)}` : packageOf(specifier);
  if (name === manifest.name) return null;
  const declared = { ...manifest.dependencies, ...(isTest(file) || dynamic ? manifest.devDependencies : {}) };
  const toolInTest = isTest(file) && name in (rootManifest.devDependencies ?? {});
  if (name in declared || toolInTest || isTypesOnly(manifest, name)) return null;
  return `"${name}" is not declared in this package's package.json. Declare it there, with its exact version.`;
}

/** A package may take types of a library its `@types` package describes without running it. */
const isTypesOnly = (manifest, name) => `@types/${name}` in (manifest.dependencies ?? {});

function forbidden(owner, file, specifier) {
  const target = packageOf(specifier);
  const testing = target === "testkit" || specifier.endsWith("/testing");
  if (testing) return testingProblem(owner, file, specifier);
  if (`@tessera/${target}` === owner.manifest.name || isTest(file)) return subgraphProblem(owner, target);
  if (owner.kind !== "subgraph") {
    return (allowed[owner.name] ?? kernel).includes(target) ? null : `${owner.name} may not import ${specifier}.`;
  }
  return demoProblem(file, target) ?? subgraphProblem(owner, target);
}

function testingProblem(owner, file, specifier) {
  return isTest(file) || ["testkit", "e2e"].includes(owner.name) ? null : `${specifier} is for tests only.`;
}

function subgraphProblem({ kind, name }, target) {
  if (kind !== "subgraph" || kernel.includes(target)) return null;
  return `The subgraph ${name} may import kernel packages only, not @tessera/${target}: ask its owner for a field or an event.`;
}

function demoProblem(file, target) {
  if (target !== "demo-world" || file.startsWith("src/demo")) return null;
  return "Only src/demo.ts may know the demo world; business code works for any tenant.";
}
