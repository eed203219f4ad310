/** Every expression of a definition, where it stands, and what can be seen there. */
import type { Definition, Step, Trigger, Undo } from "./definition.js";
import { at } from "./findings.js";
import { type Block, leadingTo, type PlacedStep, placedSteps } from "./walk.js";

export interface PlacedExpression {
  readonly text: string;
  readonly pointer: string;
  readonly stepId: string | null;
  /** Names of the variables, see `variables`. */
  readonly sees: readonly string[];
  /** Steps whose outputs may be there. */
  readonly steps: ReadonlySet<string>;
  /** Steps whose outputs would be visible here, had they come before. */
  readonly neighbours: ReadonlySet<string>;
}

type Found = { readonly text: string; readonly pointer: string; readonly more?: readonly string[] };

const none: ReadonlySet<string> = new Set();

export function expressionsOf(definition: Definition): PlacedExpression[] {
  const steps = placedSteps(definition).flatMap(ofStep);
  const triggers = definition.triggers.flatMap((trigger, index) => ofTrigger(trigger, at("/triggers", index)));
  const all = new Set(definition.steps.map(({ id }) => id));
  const output = definition.output === undefined ? [] : [{ text: definition.output, pointer: "/output" }];
  const placedOutput = output.map((found) => ({ ...found, stepId: null, sees: base, steps: all, neighbours: all }));
  return [...steps, ...triggers, ...placedOutput];
}

const base = ["input", "steps", "execution"];

function ofStep({ step, pointer, block }: PlacedStep): PlacedExpression[] {
  const sees = [...base, ...(isInLoop(block) ? ["item", "index"] : [])];
  const { steps, neighbours } = visible(step, block);
  const own = [...specific(step, pointer), ...common(step, pointer)];
  return own.map(({ more = [], ...found }) => ({
    ...found,
    stepId: step.id,
    sees: [...sees, ...more],
    steps,
    neighbours,
  }));
}

/** Steps of the own block and of those around it, and which of them may come before. */
function visible(step: Step, block: Block) {
  const neighbours = new Set<string>();
  const steps = new Set<string>();
  for (let current: { step: Step; block: Block } | null = { step, block }; current; current = current.block.within) {
    const { id } = current.step;
    const before = leadingTo(id, current.block.steps);
    for (const other of current.block.steps.filter((each) => each.id !== id)) {
      neighbours.add(other.id);
      if (before.has(other.id)) steps.add(other.id);
    }
  }
  return { steps, neighbours };
}

function isInLoop(block: Block): boolean {
  return block.within !== null && (block.within.step.type === "loop" || isInLoop(block.within.block));
}

function common(step: Step, pointer: string): Found[] {
  const output =
    "output" in step && step.output !== undefined
      ? [{ text: step.output, pointer: at(pointer, "output"), more: ["result"] }]
      : [];
  const undo = "undo" in step && step.undo !== undefined ? ofUndo(step.undo, at(pointer, "undo")) : [];
  return [...output, ...undo];
}

function ofUndo(undo: Undo, pointer: string): Found[] {
  if (undo === "none") return [];
  return ofAction(undo, pointer).map((found) => ({ ...found, more: ["result"] }));
}

type Action = { readonly type: "graphql" | "http" } & Record<string, unknown>;

function ofAction(action: Action, pointer: string): Found[] {
  if (action.type === "graphql") return ofMapping(action.variables, at(pointer, "variables"));
  const { url, body, headers } = action;
  return [
    ...optional(url, at(pointer, "url")),
    ...optional(body, at(pointer, "body")),
    ...ofMapping(headers, at(pointer, "headers")),
  ];
}

const optional = (text: unknown, pointer: string): Found[] => (typeof text === "string" ? [{ text, pointer }] : []);

function ofMapping(mapping: unknown, pointer: string): Found[] {
  return Object.entries((mapping ?? {}) as Record<string, string>).map(([name, text]) => ({
    text,
    pointer: at(pointer, name),
  }));
}

function specific(step: Step, pointer: string): Found[] {
  switch (step.type) {
    case "graphql":
    case "http":
      return ofAction(step, pointer);
    case "wait":
      return ofWait(step.wait, at(pointer, "wait"));
    case "task":
    case "approval":
      return [
        ...["title", "instructions", "data"].flatMap((key) => optional(step[key as "title"], at(pointer, key))),
        ...(step.type === "task"
          ? ofPerson(step.assignTo, at(pointer, "assignTo"))
          : step.approvers.flatMap((approver, index) => ofPerson(approver, at(pointer, "approvers", index)))),
      ];
    case "condition":
      return step.branches.map(({ when }, index) => ({ text: when, pointer: at(pointer, "branches", index, "when") }));
    case "loop":
      return [{ text: step.over, pointer: at(pointer, "over") }];
    case "workflow":
      return ofMapping(step.input, at(pointer, "input"));
    case "parallel":
      return [];
  }
}

function ofWait(wait: Record<string, unknown>, pointer: string): Found[] {
  const where = optional(wait.where, at(pointer, "where")).map((found) => ({ ...found, more: ["event"] }));
  return [...optional(wait.seconds, at(pointer, "seconds")), ...optional(wait.until, at(pointer, "until")), ...where];
}

const ofPerson = (person: object, pointer: string) =>
  "person" in person ? optional(person.person, at(pointer, "person")) : [];

function ofTrigger(trigger: Trigger, pointer: string): PlacedExpression[] {
  const where = "where" in trigger ? optional(trigger.where, at(pointer, "where")) : [];
  const found = [...where, ...ofMapping(trigger.input, at(pointer, "input"))];
  return found.map((each) => ({ ...each, stepId: null, sees: ["event"], steps: none, neighbours: none }));
}
