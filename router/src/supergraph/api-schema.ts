/** The schema clients see: the supergraph without its federation directives and without what is `@inaccessible`. */
import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  parse,
  type TypeNode,
} from "graphql";
import { readInterfaceObjects } from "./joins.js";
import type { Links } from "./links.js";

/** In `extensions` of an interface whose objects may come without the name of their type. */
export const interfaceObject = "tesseraInterfaceObject";

/** Directives of the API itself; every other one says something to the router. */
const lasting = new Set(["deprecated", "specifiedBy", "oneOf"]);

const deferDirective = parse(
  "directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT",
  {
    noLocation: true,
  },
).definitions;

export function buildApiSchema(
  supergraph: DocumentNode,
  links: Links,
  options: { readonly defer: boolean },
): GraphQLSchema {
  const api = new ApiDefinitions(supergraph, links);
  const definitions = [...api.definitions(), ...(options.defer ? deferDirective : [])];
  // Composition has checked the schema; checking it again would take longer than building it.
  const schema = buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValid: true, assumeValidSDL: true });
  for (const name of readInterfaceObjects(supergraph, links)) {
    Object.assign(schema.getType(name)?.extensions ?? {}, { [interfaceObject]: true });
  }
  return schema;
}

interface Annotated {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

class ApiDefinitions {
  readonly #supergraph: DocumentNode;
  readonly #links: Links;
  readonly #inaccessible: string | undefined;
  /** Types that are not in the API. */
  readonly #gone = new Set<string>();

  constructor(supergraph: DocumentNode, links: Links) {
    this.#supergraph = supergraph;
    this.#links = links;
    this.#inaccessible = links.directive("https://specs.apollo.dev/inaccessible", "inaccessible");
    for (const definition of supergraph.definitions) {
      if (!("name" in definition) || !definition.name || definition.kind === Kind.DIRECTIVE_DEFINITION) continue;
      const name = definition.name.value;
      if (links.hasType(name) || this.#isHidden(definition as Annotated)) this.#gone.add(name);
    }
  }

  definitions(): DefinitionNode[] {
    return this.#supergraph.definitions.flatMap((definition) => this.#definition(definition) ?? []);
  }

  #definition(definition: DefinitionNode): DefinitionNode | null {
    switch (definition.kind) {
      case Kind.DIRECTIVE_DEFINITION: {
        const isOurs = definition.name.value === "defer" || definition.name.value === "stream";
        return isOurs || this.#links.hasDirective(definition.name.value)
          ? null
          : { ...definition, arguments: this.#shown(definition.arguments) ?? [] };
      }
      case Kind.SCHEMA_DEFINITION: {
        const operationTypes = definition.operationTypes.filter(({ type }) => this.#isKept(type));
        return { ...definition, operationTypes, directives: [] };
      }
      case Kind.SCHEMA_EXTENSION:
        return null;
      default:
        return "name" in definition && definition.name && !this.#gone.has(definition.name.value)
          ? this.#type(definition)
          : null;
    }
  }

  #type(definition: DefinitionNode): DefinitionNode {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION: {
        const fields = this.#shown(definition.fields)?.map((field) =>
          field.arguments?.length ? { ...field, arguments: this.#shown(field.arguments) ?? [] } : field,
        );
        const interfaces = definition.interfaces?.filter((type) => this.#isKept(type)) ?? [];
        return this.#plain({ ...definition, fields: fields ?? [], interfaces });
      }
      case Kind.UNION_TYPE_DEFINITION:
        return this.#plain({ ...definition, types: definition.types?.filter((type) => this.#isKept(type)) ?? [] });
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        return this.#plain({ ...definition, fields: this.#shown(definition.fields) ?? [] });
      case Kind.ENUM_TYPE_DEFINITION: {
        const values = (definition.values ?? []).filter((value) => !this.#isHidden(value));
        return this.#plain({ ...definition, values: values.map((value) => this.#plain(value)) });
      }
      case Kind.SCALAR_TYPE_DEFINITION:
        return this.#plain(definition);
      default:
        return definition;
    }
  }

  /** Fields or arguments that are neither hidden nor of a type that is gone. */
  #shown<Node extends Annotated & { readonly type: TypeNode }>(nodes: readonly Node[] | undefined): Node[] | undefined {
    return nodes
      ?.filter((node) => !this.#isHidden(node) && this.#isKept(namedType(node.type)))
      .map((node) => this.#plain(node));
  }

  #plain<Node extends Annotated>(node: Node): Node {
    if (!node.directives?.length) return node;
    return { ...node, directives: (node.directives ?? []).filter(({ name }) => lasting.has(name.value)) };
  }

  #isKept(type: NamedTypeNode): boolean {
    return !this.#gone.has(type.name.value);
  }

  #isHidden(node: Annotated): boolean {
    return node.directives?.some(({ name }) => name.value === this.#inaccessible) ?? false;
  }
}

function namedType(type: TypeNode): NamedTypeNode {
  return type.kind === Kind.NAMED_TYPE ? type : namedType(type.type);
}
