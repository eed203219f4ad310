/** Goes through all blocks and steps of a definition, knowing where each stands. */
import type { Definition, Step } from "./definition.js";
import { at } from "./findings.js";

export interface Block {
  readonly steps: readonly Step[];
  readonly pointer: string;
  /** The step that holds it, and the block that one is in; null for the outermost. */
  readonly within: { readonly step: Step; readonly block: Block } | null;
  readonly depth: number;
}

export interface PlacedStep {
  readonly step: Step;
  readonly pointer: string;
  readonly block: Block;
}

export function blocksOf({ steps }: Pick<Definition, "steps">): Block[] {
  return nested({ steps, pointer: "/steps", within: null, depth: 1 });
}

function nested(block: Block): Block[] {
  const inner = block.steps.flatMap((step, index) => {
    const within = { step, block };
    const depth = block.depth + 1;
    const pointer = at(block.pointer, index);
    if (step.type === "loop") return nested({ steps: step.steps, pointer: at(pointer, "steps"), within, depth });
    if (step.type !== "parallel") return [];
    return step.branches.flatMap(({ steps }, branch) =>
      nested({ steps, pointer: at(pointer, "branches", branch, "steps"), within, depth }),
    );
  });
  return [block, ...inner];
}

export function placedSteps(definition: Pick<Definition, "steps">): PlacedStep[] {
  return blocksOf(definition).flatMap((block) =>
    block.steps.map((step, index) => ({ step, block, pointer: at(block.pointer, index) })),
  );
}

/** Where a step may go on to, each with its place within the step; `undefined` stands for the end of the block. */
export function exitsOf(
  step: Step,
): { readonly to: string | undefined; readonly place: readonly (string | number)[] }[] {
  if (step.type === "condition") {
    const branches = step.branches.map(({ next }, index) => ({ to: next, place: ["branches", index, "next"] }));
    return [...branches, { to: step.otherwise.next, place: ["otherwise", "next"] }];
  }
  const next = { to: step.next, place: ["next"] };
  return step.type === "approval" && step.rejected !== undefined
    ? [next, { to: step.rejected, place: ["rejected"] }]
    : [next];
}

/** Ids of the steps of its block that a step leads to, near or far; itself only when it stands in a circle. */
export function reachableFrom(step: Step, steps: readonly Step[]): Set<string> {
  const byId = new Map(steps.map((each) => [each.id, each]));
  const reached = new Set<string>();
  const left = [step];
  for (let current = left.pop(); current; current = left.pop()) {
    for (const { to } of exitsOf(current)) {
      const target = to === undefined ? undefined : byId.get(to);
      if (!target || reached.has(target.id)) continue;
      reached.add(target.id);
      left.push(target);
    }
  }
  return reached;
}

/** Ids of the steps of a block that lead to a step, near or far. */
export function leadingTo(id: string, steps: readonly Step[]): Set<string> {
  const before = new Map<string, string[]>();
  for (const step of steps)
    for (const { to } of exitsOf(step)) if (to !== undefined) before.set(to, [...(before.get(to) ?? []), step.id]);
  const found = new Set(before.get(id));
  for (const earlier of found) for (const each of before.get(earlier) ?? []) found.add(each);
  return found;
}
