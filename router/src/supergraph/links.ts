/** The feature specs a supergraph links (`@link`, formerly `@core`), and what their elements are called in it. */
import { type ConstDirectiveNode, type DocumentNode, Kind, valueFromASTUntyped } from "graphql";

export interface Link {
  /** Such as `https://specs.apollo.dev/join`. */
  readonly identity: string;
  /** Such as `[0, 3]` of `v0.3`; empty when the URL has no version. */
  readonly version: readonly number[];
  /** What prefixes the elements of the spec: `join` in `join__Graph`. */
  readonly prefix: string;
  readonly purpose: string | null;
  /** Name in the spec → name here, both with `@` for directives. */
  readonly imports: ReadonlyMap<string, string>;
}

export class Links {
  readonly all: readonly Link[];

  constructor(supergraph: DocumentNode) {
    this.all = supergraph.definitions
      .flatMap((one) =>
        one.kind === Kind.SCHEMA_DEFINITION || one.kind === Kind.SCHEMA_EXTENSION ? (one.directives ?? []) : [],
      )
      .flatMap((directive) => readLink(directive) ?? []);
  }

  find(identity: string): Link | undefined {
    return this.all.find((link) => link.identity === identity);
  }

  /** What `@name` of a spec is called here; `undefined` when the spec is not linked. */
  directive(identity: string, name: string): string | undefined {
    const link = this.find(identity);
    if (!link) return undefined;
    const imported = link.imports.get(`@${name}`)?.slice(1);
    return imported ?? (identity.endsWith(`/${name}`) ? link.prefix : `${link.prefix}__${name}`);
  }

  /** Whether a type belongs to a spec and not to the API. */
  hasType(name: string): boolean {
    return this.all.some((link) => name.startsWith(`${link.prefix}__`) || [...link.imports.values()].includes(name));
  }

  hasDirective(name: string): boolean {
    return this.all.some(
      (link) =>
        name === link.prefix || name.startsWith(`${link.prefix}__`) || [...link.imports.values()].includes(`@${name}`),
    );
  }
}

function readLink(directive: ConstDirectiveNode): Link | undefined {
  const values = Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value) as unknown]),
  );
  const url = values.url ?? values.feature;
  if (typeof url !== "string") return undefined;
  const [, base = url, version = ""] = /^(.*?)\/v(\d+(?:\.\d+)*)\/?$/.exec(url) ?? [];
  const identity = base.replace(/\/$/, "");
  return {
    identity,
    version: version === "" ? [] : version.split(".").map(Number),
    prefix: typeof values.as === "string" ? values.as : identity.slice(identity.lastIndexOf("/") + 1),
    purpose: typeof values.for === "string" ? values.for : null,
    imports: new Map(Array.isArray(values.import) ? values.import.flatMap(readImport) : []),
  };
}

function readImport(entry: unknown): [string, string][] {
  if (typeof entry === "string") return [[entry, entry]];
  const { name, as } = (entry ?? {}) as { name?: unknown; as?: unknown };
  return typeof name === "string" ? [[name, typeof as === "string" ? as : name]] : [];
}
