/**
 * A definition from BPMN 2.0 XML: the subset that has a counterpart in a workflow. Everything else is refused with its
 * id and line, not left out. Flows are read as they run, so a merging gateway becomes no step, and a forking gateway
 * holds what lies between it and its joining one.
 */
import { errors } from "../errors.js";
import { type ReadStep, readStep, stepId } from "./read-step.js";
import { childrenNamed, extensionOf, idOf, readSource, type Source, type SourceFlow, unsupported } from "./source.js";
import { namespaces } from "./vocabulary.js";
import { readXml, type XmlElement } from "./xml-tree.js";

export interface ReadBpmn {
  readonly name: string;
  /** May still be wrong as a definition: it becomes a draft. */
  readonly content: object;
}

/** @throws BPMN_INVALID, BPMN_UNSUPPORTED */
export function readBpmn(xml: string): ReadBpmn {
  const root = readXml(xml);
  if (root.name !== "definitions" || root.namespace !== namespaces.bpmn)
    throw errors.BPMN_INVALID({ reason: "it has no definitions element of BPMN 2.0." });
  const [process, second] = childrenNamed(root, "process");
  if (!process) throw errors.BPMN_INVALID({ reason: "it has no process." });
  if (second) throw unsupported(second, "a document holds one process.");
  const messages = new Map(childrenNamed(root, "message").map((each) => [idOf(each), each.attributes.name ?? ""]));
  const facts = extensionOf(process, "definition")?.facts ?? foreignFacts(process);
  return {
    name: (process.attributes.name ?? "").slice(0, 200),
    content: { ...facts, steps: readContainer(process, messages) },
  };
}

/** Another tool's process says nothing of inputs, so any may be seen; compensation makes it a saga. */
function foreignFacts(process: XmlElement): object {
  const undoes = process.children.some(({ name }) => name === "boundaryEvent");
  return { kind: undoes ? "SAGA" : "WORKFLOW", inputs: { type: "object", additionalProperties: true } };
}

function readContainer(container: XmlElement, messages: ReadonlyMap<string, string>): ReadStep[] {
  const source = readSource(container, messages);
  const starts = [...source.nodes.values()].filter(({ name }) => name === "startEvent");
  const [start] = starts;
  if (!start || starts.length > 1) throw unsupported(starts[1] ?? container, "it begins in exactly one place.");
  if (start.children.some(({ name }) => name.endsWith("EventDefinition")))
    throw unsupported(start, "only a plain start is supported: what starts a workflow are its triggers.");
  const reader = new BlockReader(source);
  const block = reader.read(onlyFlow(source, start));
  if (block.join) throw unsupported(block.join, "it joins what no gateway before it has forked.");
  const left = [...source.nodes.values()].find((node) => !reader.seen.has(idOf(node)) && node !== start);
  if (left) throw unsupported(left, "no path leads to it.");
  if (block.steps.length === 0) throw unsupported(container, "there is nothing to do in it.");
  return block.steps;
}

function flowsFrom({ flows }: Source, node: XmlElement): readonly SourceFlow[] {
  return flows.filter(({ from }) => from === idOf(node));
}

/** The one way on, or none at an end. */
function onlyFlow(source: Source, node: XmlElement): SourceFlow | undefined {
  const [flow, second] = flowsFrom(source, node);
  if (second) throw unsupported(node, "several flows leave it: put a gateway behind it.");
  return flow;
}

interface Block {
  readonly steps: ReadStep[];
  /** The joining gateway all its ways lead to; null when they lead to an end. */
  readonly join: XmlElement | null;
}

/** Where a flow leads: a step, a joining gateway, or the end. */
type Target = { readonly node: XmlElement } | { readonly join: XmlElement } | "end";

class BlockReader {
  readonly #source: Source;
  /** Ids of all elements that were come across. */
  readonly seen = new Set<string>();

  constructor(source: Source) {
    this.#source = source;
  }

  read(entry: SourceFlow | undefined): Block {
    const found = new Map<XmlElement, ReadStep>();
    const joins = new Set<XmlElement | null>();
    const left = [entry];
    for (const flow of left) {
      const target = this.#follow(flow);
      if (target === "end") joins.add(null);
      else if ("join" in target) joins.add(target.join);
      else if (!found.has(target.node)) {
        if (this.seen.has(idOf(target.node)))
          throw unsupported(target.node, "ways from inside and outside of a parallel gateway lead to it.");
        const { step, exits } = this.#readNode(target.node);
        found.set(target.node, step);
        left.push(...exits);
      }
    }
    if (joins.size > 1)
      throw unsupported([...joins].find((join) => join !== null) as XmlElement, "not all ways lead to it.");
    const first = this.#follow(entry);
    const order = [...this.#source.nodes.values()];
    const rank = (node: XmlElement) =>
      typeof first === "object" && "node" in first && first.node === node ? -1 : order.indexOf(node);
    const sorted = [...found].sort(([a], [b]) => rank(a) - rank(b));
    return { steps: sorted.map(([, step]) => step), join: [...joins][0] ?? null };
  }

  /** Past gateways that only merge. */
  #follow(flow: SourceFlow | undefined): Target {
    const passed = new Set<XmlElement>();
    for (let current = flow; current; ) {
      const node = this.#source.nodes.get(current.to) as XmlElement;
      if (node.name === "endEvent") return this.#end(node);
      const [first, second] = flowsFrom(this.#source, node);
      const merges = node.name.endsWith("Gateway") && !second;
      if (!merges) return { node };
      if (node.name === "parallelGateway") return this.#join(node);
      if (passed.has(node)) throw unsupported(node, "it leads to itself.");
      passed.add(node);
      this.seen.add(idOf(node));
      current = first;
    }
    return "end";
  }

  #end(node: XmlElement): Target {
    if (node.children.some(({ name }) => name.endsWith("EventDefinition")))
      throw unsupported(node, "only a plain end is supported.");
    this.seen.add(idOf(node));
    return "end";
  }

  #join(join: XmlElement): Target {
    this.seen.add(idOf(join));
    return { join };
  }

  #readNode(node: XmlElement): { readonly step: ReadStep; readonly exits: readonly (SourceFlow | undefined)[] } {
    this.seen.add(idOf(node));
    if (node.name === "exclusiveGateway") return this.#readCondition(node);
    const step = readStep(node, this.#source);
    if (node.name === "parallelGateway") return this.#readParallel(node, step);
    const flow = onlyFlow(this.#source, node);
    if (node.name === "subProcess") {
      const steps = readContainer(node, this.#source.messages);
      return { step: { ...step, ...this.#nextOf(flow), steps }, exits: [flow] };
    }
    const decision = step.type === "approval" ? this.#decisionAfter(node, flow) : null;
    if (!decision) return { step: { ...step, ...this.#nextOf(flow) }, exits: [flow] };
    const rejected = this.#nextOf(decision.rejected).next;
    if (rejected === undefined) throw unsupported(decision.gateway, "a rejection leads to a step.");
    return {
      step: { ...step, ...this.#nextOf(decision.approved), rejected },
      exits: [decision.approved, decision.rejected],
    };
  }

  /** The gateway behind an approval that asks how it was decided. */
  #decisionAfter(node: XmlElement, flow: SourceFlow | undefined) {
    const gateway = flow && this.#source.nodes.get(flow.to);
    if (gateway?.name !== "exclusiveGateway" || idOf(gateway) !== `${idOf(node)}-decision`) return null;
    const flows = flowsFrom(this.#source, gateway);
    const approved = flows.find(({ element }) => idOf(element) === gateway.attributes.default);
    const rejected = flows.find((each) => each !== approved);
    if (!approved || !rejected || flows.length !== 2)
      throw unsupported(gateway, "an approval has one way on and one after a rejection.");
    this.seen.add(idOf(gateway));
    return { gateway, approved, rejected };
  }

  #nextOf(flow: SourceFlow | undefined): { readonly next?: string } {
    const target = this.#follow(flow);
    return typeof target === "object" && "node" in target ? { next: stepId(idOf(target.node)) } : {};
  }

  #readCondition(node: XmlElement) {
    const flows = flowsFrom(this.#source, node);
    const otherwise = flows.find(({ element }) => idOf(element) === node.attributes.default);
    const ways = flows.filter((flow) => flow !== otherwise);
    const branches = ways.map((flow) => {
      const [condition] = childrenNamed(flow.element, "conditionExpression");
      if (!condition) throw unsupported(flow.element, "it needs a condition, or to be the default of its gateway.");
      return { when: condition.text.trim(), ...this.#nextOf(flow) };
    });
    const { name } = node.attributes;
    const step = {
      id: stepId(idOf(node)),
      ...(name && { name: name.slice(0, 200) }),
      type: "condition",
      branches,
      otherwise: this.#nextOf(otherwise),
    };
    return { step, exits: otherwise ? [...ways, otherwise] : [...ways, undefined] };
  }

  #readParallel(node: XmlElement, step: ReadStep) {
    if (this.#source.flows.filter(({ to }) => to === idOf(node)).length > 1)
      throw unsupported(node, "it forks and joins at once: put an own gateway in front of it.");
    let join: XmlElement | null | undefined;
    const branches = flowsFrom(this.#source, node).map((flow) => {
      const block = this.read(flow);
      if (block.join === null) throw unsupported(node, "its ways have to come together again in a parallel gateway.");
      if (join !== undefined && join !== block.join)
        throw unsupported(block.join, "not all ways of one fork lead to it.");
      join = block.join;
      if (block.steps.length === 0) throw unsupported(flow.element, "nothing is done on this way.");
      return { id: stepId(flow.element.attributes.name || idOf(flow.element)), steps: block.steps };
    });
    const flow = onlyFlow(this.#source, join as XmlElement);
    return { step: { ...step, ...this.#nextOf(flow), branches }, exits: [flow] };
  }
}
