/**
 * All that is wrong with a definition. Pure: what it depends on outside of the definition (who asks, which workflows
 * there are) is given to it.
 */
import { builtInRoles } from "@tessera/shared-types";
import { checkEffects } from "./check-effects.js";
import { checkExpressions } from "./check-expressions.js";
import { checkFlow, checkSize } from "./check-flow.js";
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
    ...checkEffects(definition),
    ...checkExpressions(definition),
    ...checkTriggers(definition),
    ...checkPeople(definition),
    ...checkScopes(definition, surroundings.scopes),
    ...checkCalls(definition, surroundings),
  ];
}

function checkInputs({ inputs }: Definition): Finding[] {
  const reason = inputs.type === "object" ? checkForm(inputs) : 'its type is "object"';
  return reason ? [finding("INPUTS_INVALID", { pointer: "/inputs" }, { reason })] : [];
}

function checkPeople(definition: Definition): Finding[] {
  return placedSteps(definition).flatMap(({ step, pointer }) => {
    if (step.type !== "task" && step.type !== "approval") return [];
    const place = { pointer, stepId: step.id };
    return [...checkDeadline(step.deadline, place), ...checkOwn(step, place)];
  });
}

type PersonStep = Extract<Definition["steps"][number], { type: "task" | "approval" }>;
type At = { readonly pointer: string; readonly stepId: string };

function checkOwn(step: PersonStep, place: At): Finding[] {
  if (step.type === "task") {
    const reason = step.form ? checkForm(step.form) : null;
    return reason ? [finding("FORM_INVALID", { ...place, pointer: at(place.pointer, "form") }, { reason })] : [];
  }
  const count = step.approvers.length;
  const quorum = typeof step.rule === "object" ? step.rule.quorum : 1;
  if (quorum <= count) return [];
  return [finding("QUORUM_TOO_LARGE", { ...place, pointer: at(place.pointer, "rule", "quorum") }, { quorum, count })];
}

function checkDeadline(deadline: PersonStep["deadline"], place: At): Finding[] {
  const { warnSeconds: warn = 0, withinSeconds: within = 0 } = deadline ?? {};
  if (!deadline || warn < within) return [];
  return [
    finding("WARNING_TOO_EARLY", { ...place, pointer: at(place.pointer, "deadline", "warnSeconds") }, { warn, within }),
  ];
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
