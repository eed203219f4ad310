/**
 * A subgraph as a value. `defineSubgraph` has no effect beyond reading the schema file: the all-in-one server, the
 * stand-alone server, the tests, codegen and composition each host the value their own way.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Policy } from "@tessera/access";
import type { Database, ModuleTables, TenantDb } from "@tessera/database";
import type { Reaction } from "@tessera/events";
import type { AnyProcess } from "@tessera/processes";
import type { EventContract } from "@tessera/shared-types";
import type { GraphQLSchema } from "graphql";
import type { Context } from "./context.js";
import type { DemoStage } from "./demo-stage.js";
import { CodedError } from "./errors.js";
import type { StepContext } from "./processes.js";
import { buildSchema } from "./schema.js";

/** Reads many rows at once: one result per id, in the order of the ids, `null` where there is none the tenant may see. */
export type BatchRead<Key, Row> = (db: TenantDb, keys: readonly Key[]) => Promise<readonly (Row | null)[]>;

export type Operates = "graph" | "events";

export interface SubgraphDefinition {
  /** The module's name, such as `ghg-calculator`: subgraph name, scope prefix, and database schema. */
  readonly name: string;
  readonly suite: string;
  /** The package folder; `schema.graphql` and `migrations/` are read from here. */
  readonly root: URL;
  readonly resolvers: object;
  /** For each type this module owns, how to read it by `id` when another module refers to it. */
  // biome-ignore lint/suspicious/noExplicitAny: each entity has a row type of its own, known only to its module
  readonly entities?: Readonly<Record<string, BatchRead<string, any>>>;
  /** Drizzle tables, made with `moduleSchema(name)`. */
  readonly tables?: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: contracts of any payload
  readonly publishes?: readonly EventContract<any>[];
  // biome-ignore lint/suspicious/noExplicitAny: reactions to any payload
  readonly reactions?: readonly Reaction<Context, any>[];
  /** Durable processes this module runs, made with `defineProcess`; several versions of one side by side. */
  readonly processes?: readonly AnyProcess<StepContext>[];
  /** Named rules for `@policy`, beside the kernel's own. */
  readonly policies?: Readonly<Record<string, Policy>>;
  /**
   * What this module does beyond its own data: `graph` calls the supergraph (`context.graph`), `events` operates their
   * delivery (`context.operations`).
   */
  readonly operates?: readonly Operates[];
  /** Loads reference data every tenant reads, as the owner of the tables. Must be idempotent and quick when nothing changed. */
  readonly reference?: () => Promise<{ default: (sql: Database["admin"]) => Promise<void> }>;
  /** Tells this module's part of the demo story, once per database. */
  readonly demo?: () => Promise<{ default: (stage: DemoStage) => Promise<void> }>;
}

export interface Subgraph extends SubgraphDefinition {
  /** The schema file's text, plus the kernel's own directives. */
  readonly sdl: string;
  /** Executable, with entity loading and access rules in place. Built once, on first use. */
  schema(): GraphQLSchema;
}

/**
 * @throws CodedError `SUBGRAPH_INVALID` with what is wrong: no schema file, a resolver without a schema field, an entity
 * without a loader or the other way round, a root field that does not say who may use it.
 */
export function defineSubgraph(definition: SubgraphDefinition): Subgraph {
  const sdl = readSchema(definition);
  let schema: GraphQLSchema | undefined;
  return {
    ...definition,
    sdl,
    schema: () => {
      schema ??= buildSchema(definition, sdl);
      return schema;
    },
  };
}

const publicDirective =
  '"Anybody may use this, without saying who they are."\ndirective @public on FIELD_DEFINITION | OBJECT | INTERFACE\n';

function readSchema({ name, root }: SubgraphDefinition): string {
  const file = new URL("schema.graphql", root);
  if (!existsSync(file)) throw new CodedError("SUBGRAPH_INVALID", `${name}: there is no ${fileURLToPath(file)}.`);
  const text = readFileSync(file, "utf8");
  return text.includes("directive @public") ? text : `${text}\n${publicDirective}`;
}

/** What `database.migrate` needs to know of a subgraph. */
export function moduleTables({ name, root, tables = {} }: SubgraphDefinition): ModuleTables {
  return { name, migrations: new URL("migrations/", root), tables };
}
