/** A query plan as a flat list of fetches, each with where it works, when it applies and what may come before it. */
import type { DeferNode, FetchNode, PlanNode, QueryPlan } from "@apollo/query-planner";
import { RouterError } from "../errors/router-error.js";

export interface Step {
  readonly index: number;
  readonly fetch: FetchNode;
  /** Response path from the root; `@` stands for every item of a list, `|[A,B]` for the types an object may have. */
  readonly path: readonly string[];
  /** The step runs when all of them hold. */
  readonly conditions: readonly Condition[];
  /** Steps that come first by the order of the plan, whether or not this one reads what they bring. */
  readonly earlier: readonly number[];
  /** Fetches that have to be done whatever this one reads. */
  readonly awaited: readonly string[];
  /** Which part of the answer it serves; 0 is the first. */
  readonly part: number;
}

export interface Condition {
  readonly variable: string;
  readonly is: boolean;
}

/** A part of the answer that may come later than the others. */
export interface PlanPart {
  readonly index: number;
  /** The part that has to be out first; `null` for the first part. */
  readonly parent: number | null;
  readonly label: string | undefined;
  /** Response keys and `... on Type` from the root to where the part belongs. */
  readonly queryPath: readonly string[];
  /** What it shows; `null` when the whole operation is one part. */
  readonly subselection: string | null;
  readonly awaited: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface PlanSteps {
  readonly steps: readonly Step[];
  readonly parts: readonly PlanPart[];
}

export function stepsOf(node: PlanNode | undefined): PlanSteps {
  const collected = new Collector();
  if (node) collected.visit(node, { path: [], conditions: [], earlier: [], awaited: [], part: 0 });
  return collected;
}

interface Surroundings {
  readonly path: readonly string[];
  readonly conditions: readonly Condition[];
  readonly earlier: readonly number[];
  readonly awaited: readonly string[];
  readonly part: number;
}

type MutablePart = { -readonly [Key in keyof PlanPart]: PlanPart[Key] };

class Collector implements PlanSteps {
  readonly steps: Step[] = [];
  readonly parts: MutablePart[] = [
    { index: 0, parent: null, label: undefined, queryPath: [], subselection: null, awaited: [], conditions: [] },
  ];

  visit(node: PlanNode, around: Surroundings): void {
    switch (node.kind) {
      case "Fetch":
        this.steps.push({ ...around, index: this.steps.length, fetch: node });
        return;
      case "Flatten":
        this.visit(node.node, { ...around, path: [...around.path, ...node.path.map(String)] });
        return;
      case "Parallel":
        for (const child of node.nodes) this.visit(child, around);
        return;
      case "Sequence":
        this.#sequence(node.nodes, around);
        return;
      case "Condition":
        if (node.ifClause) this.visit(node.ifClause, under(around, node.condition, true));
        if (node.elseClause) this.visit(node.elseClause, under(around, node.condition, false));
        return;
      case "Defer":
        this.#defer(node, around);
        return;
      default:
        throw new RouterError("UNPLANNABLE_OPERATION", { reason: "the plan has a step that is not known" });
    }
  }

  #sequence(nodes: readonly PlanNode[], around: Surroundings): void {
    const earlier = [...around.earlier];
    for (const child of nodes) {
      const first = this.steps.length;
      this.visit(child, { ...around, earlier: [...earlier] });
      for (let index = first; index < this.steps.length; index++) earlier.push(index);
    }
  }

  #defer({ primary, deferred }: DeferNode, around: Surroundings): void {
    const part = this.parts[around.part];
    if (part) part.subselection = primary.subselection ?? part.subselection;
    const first = this.steps.length;
    if (primary.node) this.visit(primary.node, around);
    const earlier = [...around.earlier];
    for (let index = first; index < this.steps.length; index++) earlier.push(index);
    for (const block of deferred) {
      const index = this.parts.length;
      const awaited = block.depends.map(({ id }) => id);
      const { label, queryPath, subselection = null } = block;
      const { conditions } = around;
      this.parts.push({ index, parent: around.part, label, queryPath, subselection, awaited, conditions });
      if (block.node) this.visit(block.node, { ...around, path: [], earlier, awaited, part: index });
    }
  }
}

function under(around: Surroundings, variable: string, is: boolean): Surroundings {
  return { ...around, conditions: [...around.conditions, { variable, is }] };
}

export function holds(conditions: readonly Condition[], variables: Readonly<Record<string, unknown>>): boolean {
  for (const { variable, is } of conditions) if ((variables[variable] === true) !== is) return false;
  return true;
}

/** Of a whole plan, whatever its conditions. */
export function fetchesOf(node: QueryPlan["node"] | undefined): FetchNode[] {
  switch (node?.kind) {
    case "Fetch":
      return [node];
    case "Sequence":
    case "Parallel":
      return node.nodes.flatMap(fetchesOf);
    case "Flatten":
      return fetchesOf(node.node);
    case "Condition":
      return [node.ifClause, node.elseClause].flatMap(fetchesOf);
    case "Defer":
      return [node.primary.node, ...node.deferred.map((block) => block.node)].flatMap(fetchesOf);
    case "Subscription":
      return [node.primary, node.rest].flatMap(fetchesOf);
    default:
      return [];
  }
}
