/**
 * GraphQL Code Generator: types of every subgraph's resolvers, from its own schema.graphql, into src/generated/types.ts;
 * types of every client's operations, from the composed schema, into generated/ beside them.
 *
 * A module that has a row type for a GraphQL type exports it from src/mappers.ts as `<Type>Mapper`, such as
 * `export type ThingMapper = ThingRow` or `export type ThingConnectionMapper = Connection<ThingRow>`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CodegenConfig } from "@graphql-codegen/cli";
import { clientSchema } from "./scripts/client-schema.mjs";
import { listSubgraphs, root } from "./scripts/workspace.mjs";

/** What the kernel's scalars are in TypeScript; see `kernelScalars` in @tessera/subgraph. */
const scalars = {
  ID: { input: "string", output: "string" },
  DateTime: { input: "Date", output: "Date | string" },
  Date: { input: "string", output: "Date | string" },
  Decimal: { input: "string", output: "string | number" },
  JSON: { input: "unknown", output: "unknown" },
  EmailAddress: { input: "string", output: "string" },
  Base64: { input: "Buffer", output: "Uint8Array" },
  _FieldSet: "string",
};

function mappersOf(folder: string): Record<string, string> {
  const file = join(folder, "src", "mappers.ts");
  if (!existsSync(file)) return {};
  const exported = readFileSync(file, "utf8").matchAll(
    /export (?:type|interface) (\w+)Mapper\b|\b(?:as|type) (\w+)Mapper\b/g,
  );
  const types = [...exported].map((match) => match[1] ?? match[2]);
  return Object.fromEntries(types.map((type) => [type, `../mappers.js#${type}Mapper`]));
}

function resolverTypes(folder: string): CodegenConfig["generates"][string] {
  return {
    // As text: a path would be read as a glob, which a folder with brackets or spaces breaks.
    schema: readFileSync(join(folder, "schema.graphql"), "utf8"),
    plugins: ["typescript", "typescript-resolvers"],
    config: {
      federation: true,
      contextType: "@tessera/subgraph#Context",
      mappers: mappersOf(folder),
      scalars,
      strictScalars: true,
      enumsAsTypes: true,
      useTypeImports: true,
      emitLegacyCommonJSImports: false,
      immutableTypes: true,
    },
  };
}

/** Folders whose TypeScript files hold operations, each one marked with `graphql(…)`. */
const clients = ["packages/launcher/src/journey"];

/** The same scalars in a client's variables and results, which are JSON. */
const wireScalars = {
  ID: "string",
  DateTime: "string",
  Date: "string",
  Decimal: "string",
  JSON: "unknown",
  EmailAddress: "string",
  Base64: "string",
};

function operationTypes(folder: string, schema: string): CodegenConfig["generates"][string] {
  return {
    schema,
    documents: `${folder}/*.ts`,
    preset: "client",
    presetConfig: { fragmentMasking: false, skipIndexFile: true },
    config: {
      documentMode: "string",
      scalars: wireScalars,
      strictScalars: true,
      useTypeImports: true,
      emitLegacyCommonJSImports: false,
      immutableTypes: true,
    },
  };
}

const described = listSubgraphs().filter(({ folder }) => existsSync(join(folder, "schema.graphql")));
const resolvers = described.map(({ folder }) => [join(folder, "src/generated/types.ts"), resolverTypes(folder)]);
const schema = await clientSchema(described);
const operations = clients.map((folder) => [join(root, folder, "generated/"), operationTypes(folder, schema)]);

const config: CodegenConfig = { errorsOnly: true, generates: Object.fromEntries([...resolvers, ...operations]) };
export default config;
