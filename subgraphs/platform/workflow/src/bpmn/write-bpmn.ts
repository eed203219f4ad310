/** A definition as BPMN 2.0 XML, with a layout, so that any viewer shows it. */
import type { Definition } from "../definitions/definition.js";
import { placedSteps } from "../definitions/walk.js";
import { type Container, diagramOf, type Flow, type Node } from "./diagram.js";
import { type Box, type Layout, layOut } from "./layout.js";
import { expressionElement, json, messageId } from "./step-elements.js";
import { namespaces } from "./vocabulary.js";
import { element, type Written, writeXml } from "./xml-tree.js";

export function writeBpmn(
  definition: Definition,
  { key, name }: { readonly key: string; readonly name: string },
): string {
  const id = `process-${key}`;
  const container = diagramOf(definition, id);
  const { steps: _, ...facts } = definition;
  const extension = element("bpmn:extensionElements", {}, element("tessera:definition", {}, json(facts)));
  const process = element("bpmn:process", { id, name, isExecutable: "true" }, extension, ...contentOf(container));
  const declared = Object.entries(namespaces).map(([prefix, uri]) => [`xmlns:${prefix}`, uri]);
  const attributes = { ...Object.fromEntries(declared), id: `definitions-${key}`, targetNamespace: namespaces.tessera };
  return writeXml(element("bpmn:definitions", attributes, ...messagesOf(definition), process, diagram(id, container)));
}

function messagesOf(definition: Definition): Written[] {
  const awaited = placedSteps(definition).flatMap(({ step }) =>
    step.type === "wait" && "event" in step.wait ? [step.wait.event] : [],
  );
  return [...new Set(awaited)].map((event) => element("bpmn:message", { id: messageId(event), name: event }));
}

function contentOf({ nodes, flows }: Container): Written[] {
  const undone = nodes.flatMap((node) => (node.undo ? compensation(node, node.undo) : []));
  return [...nodes.map((node) => nodeElement(node, flows)), ...undone, ...flows.map(flowElement)];
}

/** In the order that the schema of BPMN demands: extensions, flows, what is special to the element, what is within. */
function nodeElement(node: Node, flows: readonly Flow[]): Written {
  const { id, name, attributes, inner } = node;
  const incoming = flows.filter(({ to }) => to === id).map((flow) => element("bpmn:incoming", {}, flow.id));
  const outgoing = flows.filter(({ from }) => from === id).map((flow) => element("bpmn:outgoing", {}, flow.id));
  const isExtension = (child: Written) => child.name === "bpmn:extensionElements";
  const extensions = node.children.filter(isExtension);
  const special = node.children.filter((child) => !isExtension(child));
  const content = inner ? contentOf(inner) : [];
  const children = [...extensions, ...incoming, ...outgoing, ...special, ...content];
  return element(`bpmn:${node.element}`, { id, name, ...attributes }, ...children);
}

function compensation({ id }: Node, undo: Node): Written[] {
  const border = `${id}-compensation`;
  return [
    element("bpmn:boundaryEvent", { id: border, attachedToRef: id }, element("bpmn:compensateEventDefinition")),
    nodeElement(undo, []),
    element("bpmn:association", {
      id: `${id}-undoing`,
      associationDirection: "One",
      sourceRef: border,
      targetRef: undo.id,
    }),
  ];
}

function flowElement({ id, name, from, to, condition }: Flow): Written {
  const attributes = { id, name, sourceRef: from, targetRef: to };
  if (condition === undefined) return element("bpmn:sequenceFlow", attributes);
  return element("bpmn:sequenceFlow", attributes, expressionElement("bpmn:conditionExpression", condition));
}

function diagram(id: string, container: Container): Written {
  const layout = layOut(container);
  const shapes = shapesOf(container, layout);
  const plane = element("bpmndi:BPMNPlane", { id: `${id}-plane`, bpmnElement: id }, ...shapes);
  return element("bpmndi:BPMNDiagram", { id: `${id}-diagram` }, plane);
}

function shapesOf(container: Container, layout: Layout): Written[] {
  const nodes = container.nodes.flatMap((node) => {
    const own = shape(node.id, layout, node.inner ? { isExpanded: "true" } : {});
    const inner = node.inner ? shapesOf(node.inner, layout) : [];
    return [own, ...inner, ...(node.undo ? undoShapes(node, node.undo, layout) : [])];
  });
  const edges = container.flows.map(({ id }) => edge(id, layout.ways.get(id) ?? []));
  return [...nodes, ...edges];
}

function shape(id: string, { boxes }: Layout, attributes: Written["attributes"] = {}): Written {
  const { x, y, width, height } = boxes.get(id) as Box;
  return element(
    "bpmndi:BPMNShape",
    { id: `${id}-shape`, bpmnElement: id, ...attributes },
    element("dc:Bounds", { x, y, width, height }),
  );
}

function undoShapes({ id }: Node, undo: Node, layout: Layout): Written[] {
  const [from, to] = [layout.boxes.get(`${id}-compensation`) as Box, layout.boxes.get(undo.id) as Box];
  const way = [
    [from.x + 18, from.y + 36],
    [from.x + 18, to.y],
  ] as const;
  return [shape(`${id}-compensation`, layout), shape(undo.id, layout), edge(`${id}-undoing`, way)];
}

function edge(id: string, way: readonly (readonly [number, number])[]): Written {
  const points = way.map(([x, y]) => element("di:waypoint", { x, y }));
  return element("bpmndi:BPMNEdge", { id: `${id}-edge`, bpmnElement: id }, ...points);
}
