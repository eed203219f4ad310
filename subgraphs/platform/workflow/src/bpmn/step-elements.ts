/** How each kind of step looks in BPMN; what BPMN has no place for stands in an extension, as JSON. */
import type { Step, UndoAction } from "../definitions/definition.js";
import { jsonata } from "./vocabulary.js";
import { element, type Written } from "./xml-tree.js";

export interface Details {
  readonly element: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: readonly Written[];
}

type Exported = Exclude<Step, { type: "condition" }> | (UndoAction & { readonly id: string });

/** What is drawn, and so is not repeated in the extension. */
const drawn = new Set(["id", "name", "next", "type", "undo", "rejected", "steps", "branches", "workflow", "wait"]);

export function detailsOf(step: Exported, attributes: Details["attributes"] = {}): Details {
  const own = Object.entries(step).filter(([key, value]) => !drawn.has(key) && value !== undefined);
  const more = step.type === "wait" ? waitFacts(step.wait) : {};
  const hasNoUndo = "undo" in step && step.undo === "none" ? { undo: "none" } : {};
  const facts = { ...Object.fromEntries(own), ...more, ...hasNoUndo };
  const extension = element("bpmn:extensionElements", {}, element("tessera:step", { type: step.type }, json(facts)));
  const shape = shapeOf(step);
  return {
    element: shape.element,
    attributes: { ...shape.attributes, ...attributes },
    children: [extension, ...shape.children],
  };
}

/** XML forbids two characters that JSON lets stand. */
export function json(value: unknown): string {
  return JSON.stringify(value).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

function waitFacts(wait: Extract<Step, { type: "wait" }>["wait"]): object {
  if (!("event" in wait)) return {};
  const { where, withinSeconds } = wait;
  return { wait: { ...(where !== undefined && { where }), ...(withinSeconds !== undefined && { withinSeconds }) } };
}

const shape = (name: string, attributes: Details["attributes"] = {}, ...children: Written[]): Details => ({
  element: name,
  attributes,
  children,
});

export const expressionElement = (name: string, text: string) =>
  element(name, { "xsi:type": "bpmn:tFormalExpression", language: jsonata }, text);

function shapeOf(step: Exported): Details {
  switch (step.type) {
    case "graphql":
    case "http":
      return shape("serviceTask");
    case "task":
    case "approval":
      return shape("userTask", {}, ...ownersOf(step.type === "task" ? [step.assignTo] : step.approvers));
    case "wait":
      return shape("intermediateCatchEvent", {}, waitElement(step.wait));
    case "parallel":
      return shape("parallelGateway");
    case "workflow":
      return shape("callActivity", { calledElement: step.workflow });
    case "loop":
      return shape("subProcess", {}, loopElement(step));
  }
}

function ownersOf(people: readonly object[]): Written[] {
  return people.flatMap((person) => {
    const text = "role" in person ? `group(${person.role})` : null;
    if (text === null) return [];
    const expression = element("bpmn:formalExpression", {}, text);
    return [element("bpmn:potentialOwner", {}, element("bpmn:resourceAssignmentExpression", {}, expression))];
  });
}

function waitElement(wait: Extract<Step, { type: "wait" }>["wait"]): Written {
  if ("event" in wait) return element("bpmn:messageEventDefinition", { messageRef: messageId(wait.event) });
  if ("until" in wait) {
    const literal = /^'(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))'$/.exec(wait.until)?.[1];
    const date = literal
      ? element("bpmn:timeDate", { "xsi:type": "bpmn:tFormalExpression" }, literal)
      : expressionElement("bpmn:timeDate", wait.until);
    return element("bpmn:timerEventDefinition", {}, date);
  }
  const fixed = /^\d{1,9}$/.test(wait.seconds) && String(Number(wait.seconds)) === wait.seconds;
  const duration = fixed
    ? element("bpmn:timeDuration", { "xsi:type": "bpmn:tFormalExpression" }, `PT${wait.seconds}S`)
    : expressionElement("bpmn:timeDuration", wait.seconds);
  return element("bpmn:timerEventDefinition", {}, duration);
}

/** Letters and digits stand for themselves, everything else by its number, so that different names have different ids. */
export const messageId = (event: string) =>
  `message-${event.replace(/[^A-Za-z0-9]/gu, (character) => `_${character.codePointAt(0)}_`)}`;

function loopElement({ concurrency }: Extract<Step, { type: "loop" }>): Written {
  return element("bpmn:multiInstanceLoopCharacteristics", { isSequential: String(concurrency === 1) });
}
