/** A definition as a BPMN graph: events, activities, gateways and flows, in containers. */
import type { Definition, Step, Undo } from "../definitions/definition.js";
import { exitsOf } from "../definitions/walk.js";
import { detailsOf } from "./step-elements.js";
import type { Written } from "./xml-tree.js";

export interface Node {
  readonly id: string;
  /** Local name of the BPMN element. */
  readonly element: string;
  readonly name?: string | undefined;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: readonly Written[];
  /** Of a loop. */
  readonly inner?: Container;
  /** What takes it back, reached by a compensation event on its border. */
  readonly undo?: Node;
}

export interface Flow {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly name?: string | undefined;
  readonly condition?: string;
}

export interface Container {
  readonly id: string;
  readonly nodes: readonly Node[];
  readonly flows: readonly Flow[];
}

/** Step ids have no hyphen, so what is added around them cannot be mistaken for one. */
export function diagramOf(definition: Pick<Definition, "steps">, id: string): Container {
  return containerOf(id, definition.steps);
}

interface Draft {
  readonly id: string;
  readonly nodes: Node[];
  readonly flows: Flow[];
}

function containerOf(id: string, steps: readonly Step[]): Container {
  const draft: Draft = { id, nodes: [], flows: [] };
  const [start, end] = [`${id}-start`, `${id}-end`];
  draft.nodes.push(plain(start, "startEvent"));
  connect(draft, start, (steps[0] as Step).id);
  addBlock(draft, steps, end);
  draft.nodes.push(plain(end, "endEvent"));
  return { ...draft, ...mergeBeforeForks(draft) };
}

/** A forking gateway would wait for all flows that lead to it, so several of them meet in front of it. */
function mergeBeforeForks({ nodes, flows }: Draft): Pick<Container, "nodes" | "flows"> {
  const isFork = ({ id, element }: Node) =>
    element === "parallelGateway" && flows.filter(({ from }) => from === id).length > 1;
  const crowded = nodes.filter((node) => isFork(node) && flows.filter(({ to }) => to === node.id).length > 1);
  const merges = new Map(crowded.map(({ id }) => [id, `${id}-merge`]));
  const redirected = flows.map((flow) => ({ ...flow, to: merges.get(flow.to) ?? flow.to }));
  const onward = [...merges].map(([to, from]) => ({ id: `${from}-flow`, from, to }));
  const added = [...merges.values()].map((id) => plain(id, "exclusiveGateway"));
  return { nodes: [...nodes, ...added], flows: [...redirected, ...onward] };
}

const plain = (id: string, element: string, attributes: Node["attributes"] = {}): Node => ({
  id,
  element,
  attributes,
  children: [],
});

function connect(draft: Draft, from: string, to: string, more: Pick<Flow, "name" | "condition"> = {}): string {
  const id = `${draft.id}-flow-${draft.flows.length + 1}`;
  draft.flows.push({ id, from, to, ...more });
  return id;
}

function addBlock(draft: Draft, steps: readonly Step[], end: string): void {
  for (const step of steps) addStep(draft, step, end);
}

function addStep(draft: Draft, step: Step, end: string): void {
  if (step.type === "condition") addCondition(draft, step, end);
  else if (step.type === "parallel") addParallel(draft, step, end);
  else addActivity(draft, step, end);
}

type Activity = Exclude<Step, { type: "condition" | "parallel" }>;

function addActivity(draft: Draft, step: Activity, end: string): void {
  const inner = step.type === "loop" ? { inner: containerOf(step.id, step.steps) } : {};
  const undo =
    "undo" in step && step.undo !== undefined && step.undo !== "none" ? { undo: undoNode(step.id, step.undo) } : {};
  draft.nodes.push({ id: step.id, name: step.name, ...detailsOf(step), ...inner, ...undo });
  if (step.type === "approval" && step.rejected !== undefined) addDecision(draft, step, step.rejected, end);
  else connect(draft, step.id, step.next ?? end);
}

function undoNode(id: string, undo: Exclude<Undo, "none">): Node {
  return { id: `${id}-undo`, ...detailsOf({ ...undo, id: `${id}-undo` }, { isForCompensation: "true" }) };
}

/** The way after a rejection is a gateway behind the approval. */
function addDecision(draft: Draft, step: Extract<Step, { type: "approval" }>, rejected: string, end: string): void {
  const id = `${step.id}-decision`;
  connect(draft, step.id, id);
  const approvedFlow = connect(draft, id, step.next ?? end, { name: "approved" });
  connect(draft, id, rejected, { name: "rejected", condition: `$steps.${step.id}.outcome = 'REJECTED'` });
  draft.nodes.push(plain(id, "exclusiveGateway", { default: approvedFlow }));
}

function addCondition(draft: Draft, step: Extract<Step, { type: "condition" }>, end: string): void {
  for (const { when, next } of step.branches) connect(draft, step.id, next ?? end, { condition: when });
  const otherwise = connect(draft, step.id, step.otherwise.next ?? end);
  draft.nodes.push({ ...plain(step.id, "exclusiveGateway", { default: otherwise }), name: step.name });
}

/** Where several ways of a branch end, they meet first: the joining gateway counts one arrival per branch. */
function addParallel(draft: Draft, step: Extract<Step, { type: "parallel" }>, end: string): void {
  const join = `${step.id}-join`;
  draft.nodes.push({ id: step.id, name: step.name, ...detailsOf(step) });
  for (const { id, steps } of step.branches) {
    connect(draft, step.id, (steps[0] as Step).id, { name: id });
    const ends = steps.flatMap(exitsOf).filter(({ to }) => to === undefined).length;
    const meet = ends > 1 ? `${step.id}-${id}-meet` : join;
    addBlock(draft, steps, meet);
    if (meet === join) continue;
    draft.nodes.push(plain(meet, "exclusiveGateway"));
    connect(draft, meet, join);
  }
  draft.nodes.push(plain(join, "parallelGateway"));
  connect(draft, join, step.next ?? end);
}
