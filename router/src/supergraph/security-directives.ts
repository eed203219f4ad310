/** Access requirements travel in the supergraph as directives of three link specs, which a link may rename. */
import { type ConstDirectiveNode, type DocumentNode, Kind, type SchemaDefinitionNode } from "graphql";

export type SecuritySpec = "authenticated" | "requiresScopes" | "policy";

/** Directive name in this supergraph → the spec behind it; a link may rename a directive. */
export type SecurityDirectives = ReadonlyMap<string, SecuritySpec>;

const specs: readonly SecuritySpec[] = ["authenticated", "requiresScopes", "policy"];

export function findSecurityDirectives(supergraph: DocumentNode): SecurityDirectives {
  const found = new Map<string, SecuritySpec>();
  for (const link of linksOf(supergraph)) {
    const spec = specOf(link);
    if (spec) found.set(importedName(link, spec) ?? stringArgument(link, "as") ?? spec, spec);
  }
  return found;
}

function linksOf(supergraph: DocumentNode): readonly ConstDirectiveNode[] {
  return supergraph.definitions
    .filter((one): one is SchemaDefinitionNode => one.kind === Kind.SCHEMA_DEFINITION)
    .flatMap((schema) => schema.directives ?? [])
    .filter((directive) => directive.name.value === "link");
}

function specOf(link: ConstDirectiveNode): SecuritySpec | undefined {
  const name = stringArgument(link, "url")?.match(/\/specs\.apollo\.dev\/(\w+)\/v/)?.[1];
  return specs.find((spec) => spec === name);
}

/** `import: [{ name: "@policy", as: "@rule" }]` or `import: ["@policy"]`. */
function importedName(link: ConstDirectiveNode, spec: SecuritySpec): string | undefined {
  const list = link.arguments?.find((argument) => argument.name.value === "import")?.value;
  if (list?.kind !== Kind.LIST) return undefined;
  for (const entry of list.values) {
    if (entry.kind === Kind.STRING && entry.value === `@${spec}`) return spec;
    if (entry.kind !== Kind.OBJECT) continue;
    const text = (key: string) => {
      const value = entry.fields.find((field) => field.name.value === key)?.value;
      return value?.kind === Kind.STRING ? value.value.slice(1) : undefined;
    };
    if (text("name") === spec) return text("as") ?? spec;
  }
  return undefined;
}

function stringArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
