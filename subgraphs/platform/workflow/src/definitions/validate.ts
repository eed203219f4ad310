/**
 * All that is wrong with a definition. Pure: what it depends on outside of the definition (who asks, which workflows
 * there are) is given to it.
 */
import { builtInRoles } from "@tessera/shared-types";
import { checkEffects, type Refusal } from "./check-effects.js";
import { checkExpressions } from "./check-expressions.js";
import { checkFlow, checkSize } from "./check-flow.js";
import { checkPeople } from "./check-people.js";
import { checkTriggers } from "./check-triggers.js";
import { type Definition, definitionSchema, limits } from "./definition.js";
import { at, type Finding, type FindingCode, finding } from "./findings.js";
import { checkForm, depthOf, jsonLength } from "./form-schema.js";
import { placedSteps } from "./walk.js";

export interface Surroundings {
  /** Scopes of who writes or publishes it. */
  readonly scopes: ReadonlySet<string>;
  /** Its own key, where it has one already. */
  readonly key: string | null;
  /** Keys of published workflows, each with those that it calls itself. */
  readonly workflows: ReadonlyMap<string, readonly string[]>;
  /** Those of the people it names who work in the organization. */
  readonly people: ReadonlySet<string>;
  /** Why the supergraph does not take operations of it, by their texts. */
  readonly refusals: ReadonlyMap<string, readonly Refusal[]>;
}

export type Checked = { readonly definition: Definition | null; readonly findings: readonly Finding[] };

const deepestJson = 60;

export function checkDefinition(content: unknown, surroundings: Surroundings): Checked {
  const { definition, findings } = readShape(content);
  return definition ? { definition, findings: checkParsed(definition, surroundings) } : { definition, findings };
}

/** The definition, if it is small enough and has the form of one; else why not. */
export function readShape(content: unknown): Checked {
  const depth = depthOf(content);
  if (depth > deepestJson) return refused("TOO_DEEP", { depth, most: deepestJson });
  const bytes = jsonLength(content);
  if (bytes > limits.bytes) return refused("DEFINITION_TOO_LARGE", { bytes, most: limits.bytes });
  const { data, error } = definitionSchema.safeParse(content);
  return error ? { definition: null, findings: error.issues.map(shapeFinding) } : { definition: data, findings: [] };
}

const refused = (code: FindingCode, details: Record<string, number>): Checked => ({
  definition: null,
  findings: [finding(code, { pointer: "" }, details)],
});

function shapeFinding({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }): Finding {
  return finding("SHAPE_INVALID", { pointer: at("", ...path.map(String)) }, { reason: message });
}

function checkParsed(definition: Definition, surroundings: Surroundings): Finding[] {
  const size = checkSize(definition);
  if (size.length > 0) return size;
  return [
    ...checkFlow(definition),
    ...checkInputs(definition),
    ...checkEffects(definition, surroundings.refusals),
    ...checkExpressions(definition),
    ...checkTriggers(definition),
    ...checkPeople(definition, surroundings.people),
    ...checkScopes(definition, surroundings.scopes),
    ...checkCalls(definition, surroundings),
  ];
}

function checkInputs({ inputs }: Definition): Finding[] {
  const reason = inputs.type === "object" ? checkForm(inputs) : 'its type is "object"';
  return reason ? [finding("INPUTS_INVALID", { pointer: "/inputs" }, { reason })] : [];
}

/** The owner holds every scope there is. */
const everyScope = new Set(builtInRoles.find(({ key }) => key === "owner")?.scopes);

function checkScopes({ scopes }: Definition, held: ReadonlySet<string>): Finding[] {
  return scopes.flatMap((scope, index) => {
    const place = { pointer: at("/scopes", index) };
    if (held.has(scope)) return [];
    return [finding(everyScope.has(scope) ? "SCOPE_NOT_HELD" : "SCOPE_UNKNOWN", place, { scope })];
  });
}

/** Keys of the workflows that are its steps. */
export function calledBy(definition: Pick<Definition, "steps">): string[] {
  const called = placedSteps(definition).flatMap(({ step }) => (step.type === "workflow" ? [step.workflow] : []));
  return [...new Set(called)];
}

function checkCalls(definition: Definition, { key, workflows }: Surroundings): Finding[] {
  return placedSteps(definition).flatMap(({ step, pointer }) => {
    if (step.type !== "workflow") return [];
    const place = { pointer: at(pointer, "workflow"), stepId: step.id };
    if (key !== null && (step.workflow === key || leadsTo(step.workflow, key, workflows)))
      return [finding("WORKFLOW_CALLS_ITSELF", place)];
    return workflows.has(step.workflow) ? [] : [finding("WORKFLOW_UNKNOWN", place, { key: step.workflow })];
  });
}

function leadsTo(from: string, to: string, workflows: Surroundings["workflows"]): boolean {
  const seen = new Set([from]);
  for (const current of seen) for (const next of workflows.get(current) ?? []) seen.add(next);
  return seen.has(to);
}
