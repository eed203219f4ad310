/** Finds which schema element a place in an SDL file belongs to. */
import type { DefinitionNode, DocumentNode, Location } from "graphql";

/** The schema coordinate (`Type`, `Type.field`, `Type.field(argument:)`) around a character offset, or `null`. */
export function coordinateAt(document: DocumentNode, offset: number): string | null {
  const definition = around(document.definitions, offset);
  if (!definition || !("name" in definition) || !definition.name) return null;
  const type = definition.kind === "DirectiveDefinition" ? `@${definition.name.value}` : definition.name.value;
  const member = around(membersOf(definition), offset);
  if (!member) return type;
  const argument = around(member.arguments ?? [], offset);
  return argument ? `${type}.${member.name.value}(${argument.name.value}:)` : `${type}.${member.name.value}`;
}

interface Placed {
  readonly loc?: Location | undefined;
}
interface Named extends Placed {
  readonly name: { readonly value: string };
}
interface Member extends Named {
  readonly arguments?: readonly Named[] | undefined;
}

function membersOf(definition: DefinitionNode): readonly Member[] {
  if ("fields" in definition) return (definition.fields ?? []) as readonly Member[];
  if ("values" in definition) return (definition.values ?? []).map(({ name, loc }) => ({ name, loc }));
  return [];
}

function around<Node extends Placed>(nodes: readonly Node[], offset: number): Node | undefined {
  return nodes.find(({ loc }) => loc && loc.start <= offset && offset < loc.end);
}
