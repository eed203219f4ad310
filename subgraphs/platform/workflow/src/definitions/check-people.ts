/** Whom the steps of a definition ask, for what, and until when. */
import jsonata from "jsonata";
import type { Approver, Definition } from "./definition.js";
import { at, type Finding, finding, type Place } from "./findings.js";
import { checkForm } from "./form-schema.js";
import { placedSteps } from "./walk.js";

/** @param members of the organization, among those whom the definition names */
export function checkPeople(definition: Definition, members: ReadonlySet<string>): Finding[] {
  const strangers = namedPeople(definition).filter(({ id }) => !members.has(id));
  return [
    ...strangers.map(({ id, ...place }) => finding("PERSON_UNKNOWN", place, { id })),
    ...checkRequests(definition),
  ];
}

interface NamedPerson extends Place {
  readonly id: string;
}

/** People who are named outright, not worked out by an expression when the step begins. */
export function namedPeople(definition: Pick<Definition, "steps">): NamedPerson[] {
  return placedSteps(definition).flatMap(({ step, pointer }) => {
    if (step.type === "task") return named(step.assignTo, { pointer: at(pointer, "assignTo"), stepId: step.id });
    if (step.type !== "approval") return [];
    return step.approvers.flatMap((approver, index) =>
      named(approver, { pointer: at(pointer, "approvers", index), stepId: step.id }),
    );
  });
}

function named(approver: Approver, { pointer, stepId }: Place): NamedPerson[] {
  const id = "person" in approver ? textOf(approver.person) : null;
  return id === null ? [] : [{ id: id.toLowerCase(), pointer: at(pointer, "person"), stepId }];
}

/** What the expression always gives, where it is nothing but a text. */
function textOf(expression: string): string | null {
  try {
    const { type, value } = jsonata(expression).ast();
    return type === "string" ? String(value) : null;
  } catch {
    return null;
  }
}

function checkRequests(definition: Definition): Finding[] {
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
