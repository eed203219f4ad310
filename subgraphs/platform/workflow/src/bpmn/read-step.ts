/** One BPMN element as a step, without what it leads to. */
import { childrenNamed, extensionOf, idOf, type Source, unsupported } from "./source.js";
import { jsonata, secondsOf } from "./vocabulary.js";
import type { XmlElement } from "./xml-tree.js";

export type ReadStep = Record<string, unknown> & { readonly id: string; readonly type: string };

/** Ids of steps have letters, digits and `_` only. */
export function stepId(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9_]/g, "_").slice(0, 60);
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`.slice(0, 60);
}

const ofElement: Readonly<Record<string, readonly string[]>> = {
  serviceTask: ["graphql", "http"],
  userTask: ["task", "approval"],
  manualTask: ["task", "approval"],
  task: ["task", "approval", "graphql", "http"],
  intermediateCatchEvent: ["wait"],
  callActivity: ["workflow"],
  subProcess: ["loop"],
  parallelGateway: ["parallel"],
};

/** @throws BPMN_UNSUPPORTED */
export function readStep(node: XmlElement, source: Source): ReadStep {
  const extension = extensionOf(node, "step");
  const type = extension?.type ?? null;
  if (type !== null && !ofElement[node.name]?.includes(type))
    throw unsupported(node, `it cannot be a step of type ${type}.`);
  const { name } = node.attributes;
  const base = { ...extension?.facts, id: stepId(idOf(node)), ...(name ? { name: name.slice(0, 200) } : {}) };
  return { ...base, ...undoOf(node, source), ...ownFacts(node, source, type) };
}

function undoOf(node: XmlElement, source: Source): object {
  const handler = source.handlers.get(idOf(node));
  if (!handler) return {};
  const extension = extensionOf(handler, "step");
  if (!extension || (extension.type !== "graphql" && extension.type !== "http"))
    throw unsupported(handler, "it needs a tessera:step of type graphql or http that says what it does.");
  return { undo: { ...extension.facts, type: extension.type } };
}

function ownFacts(
  node: XmlElement,
  source: Source,
  type: string | null,
): { readonly type: string } & Record<string, unknown> {
  switch (node.name) {
    case "parallelGateway":
      return { type: "parallel" };
    case "callActivity":
      return { type: "workflow", workflow: node.attributes.calledElement ?? "" };
    case "intermediateCatchEvent":
      return { type: "wait", wait: readWait(node, source) };
    case "subProcess":
      return readLoop(node, type);
    default:
      return type === null ? foreignTask(node) : { type };
  }
}

function readLoop(node: XmlElement, type: string | null): { readonly type: string } {
  if (childrenNamed(node, "multiInstanceLoopCharacteristics").length !== 1)
    throw unsupported(node, "only a multi-instance subprocess is supported, as a loop over a list.");
  if (type === null)
    throw unsupported(node, "it needs a tessera:step of type loop that says what list it goes through.");
  return { type: "loop" };
}

/** A task of another tool: its name is what has to be done, its potential owner who does it. */
function foreignTask(node: XmlElement): { readonly type: string } & Record<string, unknown> {
  if (node.name === "serviceTask")
    throw unsupported(node, "it needs a tessera:step of type graphql or http that says what it does.");
  const owners = ["potentialOwner", "humanPerformer", "performer"].flatMap((name) => childrenNamed(node, name));
  const text = owners.map(textWithin).find((found) => found !== "");
  const group = /^group\((.+)\)$/.exec(text ?? "")?.[1] ?? text;
  if (group === undefined) throw unsupported(node, "it needs a potentialOwner that says which role does it.");
  const title = (node.attributes.name || idOf(node))
    .replaceAll("\\", "\\\\")
    .replaceAll("'", "\\'")
    .replace(/\s+/g, " ");
  return { type: "task", title: `'${title}'`, assignTo: { role: group } };
}

function textWithin({ text, children }: XmlElement): string {
  return text.trim() || children.map(textWithin).find((inner) => inner !== "") || "";
}

function readWait(node: XmlElement, { messages }: Source): object {
  const timers = childrenNamed(node, "timerEventDefinition");
  const waits = childrenNamed(node, "messageEventDefinition");
  if (timers.length + waits.length !== 1) throw unsupported(node, "it waits for one timer or one message.");
  const [message] = waits;
  if (!message) return readTimer(node, timers[0] as XmlElement);
  const more = extensionOf(node, "step")?.facts.wait;
  const event = messages.get(message.attributes.messageRef ?? "");
  if (!event) throw unsupported(node, "its message has no name.");
  return { ...(typeof more === "object" ? more : {}), event };
}

function readTimer(node: XmlElement, timer: XmlElement): object {
  const [duration] = childrenNamed(timer, "timeDuration");
  const [date] = childrenNamed(timer, "timeDate");
  if (duration) {
    const text = duration.text.trim();
    if (duration.attributes.language === jsonata) return { seconds: text };
    if (/^P\d|^PT/.test(text) && secondsOf(text) === null)
      throw unsupported(node, "its duration has no fixed length: give weeks, days, hours, minutes and seconds.");
    return { seconds: String(secondsOf(text) ?? text) };
  }
  if (!date) throw unsupported(node, "only timers with a date or a duration are supported.");
  const text = date.text.trim();
  if (date.attributes.language === jsonata) return { until: text };
  return { until: /^\d{4}-\d\d-\d\dT/.test(text) ? `'${text}'` : text };
}
