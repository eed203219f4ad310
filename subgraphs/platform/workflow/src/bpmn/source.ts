/** The flow elements of one container of a BPMN document, by id, with the flows between them. */
import { errors } from "../errors.js";
import { namespaces } from "./vocabulary.js";
import type { XmlElement } from "./xml-tree.js";

export interface SourceFlow {
  readonly element: XmlElement;
  readonly from: string;
  readonly to: string;
}

export interface Source {
  readonly container: XmlElement;
  readonly nodes: ReadonlyMap<string, XmlElement>;
  readonly flows: readonly SourceFlow[];
  /** Compensation handlers by the activity they take back. */
  readonly handlers: ReadonlyMap<string, XmlElement>;
  /** Names of messages by id. */
  readonly messages: ReadonlyMap<string, string>;
}

export const idOf = ({ attributes }: XmlElement) => attributes.id ?? "";

export function unsupported(found: XmlElement, reason: string): Error {
  const { name, line } = found;
  return errors.BPMN_UNSUPPORTED({ element: name, id: idOf(found) || "(no id)", line, reason });
}

export const childrenNamed = (parent: XmlElement, name: string) =>
  parent.children.filter((child) => child.name === name && child.namespace === namespaces.bpmn);

/** What this module adds to an element, as JSON. */
export function extensionOf(owner: XmlElement, name: "step" | "definition") {
  const added = childrenNamed(owner, "extensionElements").flatMap(({ children }) => children);
  const found = added.find((child) => child.name === name && child.namespace === namespaces.tessera);
  if (!found) return null;
  try {
    const facts = JSON.parse(found.text) as unknown;
    if (typeof facts !== "object" || facts === null || Array.isArray(facts)) throw new Error("it is no object");
    return { type: found.attributes.type ?? null, facts: facts as Record<string, unknown> };
  } catch (error) {
    throw unsupported(owner, `its tessera:${name} cannot be read: ${(error as Error).message}.`);
  }
}

const supported = new Set(
  `startEvent endEvent serviceTask userTask manualTask task exclusiveGateway parallelGateway intermediateCatchEvent
   callActivity subProcess`.split(/\s+/),
);
/** What is drawn only, or taken up elsewhere. */
const silent = new Set(
  `documentation extensionElements incoming outgoing laneSet textAnnotation association group category dataObject
   dataObjectReference multiInstanceLoopCharacteristics sequenceFlow boundaryEvent`.split(/\s+/),
);

/** @throws BPMN_UNSUPPORTED */
export function readSource(container: XmlElement, messages: ReadonlyMap<string, string>): Source {
  const own = container.children.filter(({ namespace }) => namespace === namespaces.bpmn);
  const foreign = own.find(({ name }) => !supported.has(name) && !silent.has(name));
  if (foreign) throw unsupported(foreign, "it has no counterpart in a workflow.");
  const isHandler = ({ attributes }: XmlElement) => attributes.isForCompensation === "true";
  const drawn = own.filter(({ name }) => supported.has(name));
  const nodes = new Map<string, XmlElement>();
  for (const node of drawn.filter((each) => !isHandler(each))) {
    if (idOf(node) === "" || nodes.has(idOf(node))) throw unsupported(node, "it needs an id of its own.");
    nodes.set(idOf(node), node);
  }
  const flows = childrenNamed(container, "sequenceFlow").map((element) => readFlow(element, nodes));
  const handlers = readHandlers(container, new Map(drawn.filter(isHandler).map((node) => [idOf(node), node])));
  return { container, nodes, flows, handlers, messages };
}

function readFlow(element: XmlElement, nodes: ReadonlyMap<string, XmlElement>): SourceFlow {
  const { sourceRef: from = "", targetRef: to = "" } = element.attributes;
  if (!nodes.has(from) || !nodes.has(to))
    throw unsupported(element, "it does not lead from one element of this process to another.");
  return { element, from, to };
}

/** Only compensation is supported on a border: there is no way after an error but undoing. */
function readHandlers(container: XmlElement, handlers: ReadonlyMap<string, XmlElement>): Map<string, XmlElement> {
  const found = childrenNamed(container, "boundaryEvent").map((event) => {
    if (childrenNamed(event, "compensateEventDefinition").length !== 1)
      throw unsupported(event, "only compensation events are supported on the border of an activity.");
    const association = childrenNamed(container, "association").find(
      ({ attributes }) => attributes.sourceRef === idOf(event),
    );
    const handler = handlers.get(association?.attributes.targetRef ?? "");
    if (!handler) throw unsupported(event, "no association leads from it to an activity with isForCompensation.");
    return [event.attributes.attachedToRef ?? "", handler] as const;
  });
  const used = new Set(found.map(([, handler]) => handler));
  const left = [...handlers.values()].find((handler) => !used.has(handler));
  if (left) throw unsupported(left, "no compensation event leads to it.");
  return new Map(found);
}
