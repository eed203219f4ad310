/** What reports say about an operation; worked out once for each, when it is first asked for. */
import { createHash } from "node:crypto";
import { type GraphQLSchema, getNamedType, isIntrospectionType, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import { largePackages } from "../large-packages.js";
import type { Operation } from "../request/operations.js";

export interface OperationFacts {
  /** Without literals, aliases and comments, fields in the order of the alphabet: equal for operations that differ only there. */
  readonly signature: string;
  /** SHA-256 of the signature, 16 hexadecimal digits. */
  readonly hash: string;
  /** `Type.field` of each field it selects, each once. */
  readonly fields: readonly string[];
}

const known = new WeakMap<Operation, OperationFacts>();

export function factsOf(operation: Operation, schema: GraphQLSchema): OperationFacts {
  const found = known.get(operation);
  if (found) return found;
  const { usageReportingSignature } = largePackages.usageReporting();
  const signature = usageReportingSignature(operation.document, operation.name ?? "");
  const facts = {
    signature,
    hash: createHash("sha256").update(signature).digest("hex").slice(0, 16),
    fields: fieldsOf(operation, schema),
  };
  known.set(operation, facts);
  return facts;
}

function fieldsOf({ document }: Operation, schema: GraphQLSchema): string[] {
  const types = new TypeInfo(schema);
  const fields = new Set<string>();
  const visitor = {
    Field({ name }: { readonly name: { readonly value: string } }): void {
      const parent = getNamedType(types.getParentType() ?? undefined);
      if (parent && !isIntrospectionType(parent) && !name.value.startsWith("__")) {
        fields.add(`${parent.name}.${name.value}`);
      }
    },
  };
  visit(document, visitWithTypeInfo(types, visitor));
  return [...fields];
}
