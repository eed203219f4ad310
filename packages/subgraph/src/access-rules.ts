/**
 * Access rules, stated in the SDL and enforced here a second time after the router: a subgraph that is reached some
 * other way, or an `_entities` request for something the actor may not see, is refused by the same words.
 */
import { builtInPolicies, hasScopes, type Policy, type PolicyFacts } from "@tessera/access";
import type { Actor } from "@tessera/shared-types";
import {
  type ConstDirectiveNode,
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  valueFromASTUntyped,
} from "graphql";
import type { Context } from "./context.js";
import type { SubgraphDefinition } from "./define-subgraph.js";
import { accessErrors, CodedError } from "./errors.js";
import { objectTypes } from "./schema.js";

/** What one field or type asks of the actor. Alternatives are any-of-all-of, as in the federation specification. */
interface Rule {
  readonly authenticated: boolean;
  readonly scopes: readonly (readonly string[])[];
  readonly policies: readonly (readonly string[])[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Wraps the resolver of every field that carries a rule, or returns a type that does. */
export function enforceAccess(schema: GraphQLSchema, definition: SubgraphDefinition): void {
  refuseUnstatedAccess(schema, definition.name);
  const policies = { ...builtInPolicies, ...definition.policies };
  for (const type of objectTypes(schema)) {
    for (const field of Object.values(type.getFields())) {
      const rules = rulesOf(field);
      if (rules.length > 0)
        guard(field, (context, facts) => {
          for (const rule of rules) check(rule, context, facts, policies);
        });
    }
    guardReferences(type, policies);
  }
}

function rulesOf(field: GraphQLField<unknown, unknown>): Rule[] {
  const result = getNamedType(field.type);
  const own = readRule(field.astNode?.directives);
  const returned = isObjectType(result) ? readRule(result.astNode?.directives) : null;
  return [own, returned].filter((rule) => rule !== null);
}

function guard(field: GraphQLField<unknown, unknown>, allow: (context: Context, facts: PolicyFacts) => void): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  const subscribe = field.subscribe;
  field.resolve = (parent, args, context, info) => {
    allow(context as Context, { args, parent: parent as Fields | null });
    return resolve(parent, args, context, info);
  };
  if (!subscribe) return;
  field.subscribe = (parent, args, context, info) => {
    allow(context as Context, { args, parent: parent as Fields | null });
    return subscribe(parent, args, context, info);
  };
}

/** Entities are reached without a field of their own, through `_entities`: the type's rule is checked there. */
function guardReferences(
  type: ReturnType<typeof objectTypes>[number],
  policies: Readonly<Record<string, Policy>>,
): void {
  const rule = readRule(type.astNode?.directives);
  const subgraph = (type.extensions.apollo as { subgraph?: { resolveReference?: ResolveReference } } | undefined)
    ?.subgraph;
  const resolve = subgraph?.resolveReference;
  if (!rule || !subgraph || !resolve) return;
  subgraph.resolveReference = (reference, context, info) => {
    check(rule, context, { args: {}, parent: reference }, policies);
    return resolve(reference, context, info);
  };
}
type ResolveReference = (reference: Fields, context: Context, info: unknown) => unknown;

function check(rule: Rule, context: Context, facts: PolicyFacts, policies: Readonly<Record<string, Policy>>): void {
  const actor = context.actor;
  if (!actor) throw accessErrors.UNAUTHENTICATED();
  if (rule.scopes.length > 0 && !hasScopes(actor, rule.scopes)) throw forbidden(rule.scopes);
  if (rule.policies.length > 0 && !satisfies(actor, facts, rule.policies, policies)) throw forbidden(rule.policies);
}

function satisfies(
  actor: Actor,
  facts: PolicyFacts,
  wanted: Rule["policies"],
  policies: Readonly<Record<string, Policy>>,
): boolean {
  return wanted.some((all) => all.every((name) => policies[name]?.(actor, facts) ?? false));
}

function forbidden(alternatives: readonly (readonly string[])[]): CodedError {
  const needs = alternatives.map((all) => all.join(" and ")).join(", or ");
  return accessErrors.FORBIDDEN({ needs });
}

function readRule(directives: readonly ConstDirectiveNode[] | undefined): Rule | null {
  const found = (directives ?? []).filter(({ name }) => ruleNames.has(name.value));
  if (found.length === 0) return null;
  return {
    authenticated: true,
    scopes: listArgument(found, "requiresScopes", "scopes"),
    policies: listArgument(found, "policy", "policies"),
  };
}
const ruleNames = new Set(["authenticated", "requiresScopes", "policy"]);

function listArgument(directives: readonly ConstDirectiveNode[], directive: string, argument: string): string[][] {
  const node = directives
    .find(({ name }) => name.value === directive)
    ?.arguments?.find(({ name }) => name.value === argument);
  return node ? (valueFromASTUntyped(node.value) as string[][]) : [];
}

/** Least privilege by default: a root field that does not say who may use it does not load. */
function refuseUnstatedAccess(schema: GraphQLSchema, module: string): void {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type != null,
  );
  const silent = roots.flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => !field.name.startsWith("_") && !statesAccess(field))
      .map((field) => `${type.name}.${field.name}`),
  );
  if (silent.length === 0) return;
  const what = `does not say who may use it: add @requiresScopes, @authenticated, @policy or @public`;
  throw new CodedError("SUBGRAPH_INVALID", `${module}: ${silent.join(", ")} ${what}.`);
}

function statesAccess(field: GraphQLField<unknown, unknown>): boolean {
  const directives = field.astNode?.directives ?? [];
  return directives.some(({ name }) => name.value === "public" || ruleNames.has(name.value));
}
