/** Whether the steps hang together: ids, ways from step to step, size and depth. */
import { type Definition, limits, type Step } from "./definition.js";
import { at, type Finding, finding } from "./findings.js";
import { type Block, blocksOf, exitsOf, placedSteps, reachableFrom } from "./walk.js";

export function checkFlow(definition: Definition): Finding[] {
  return [...checkIds(definition), ...blocksOf(definition).flatMap(checkBlock)];
}

/** Comes first: what is too large is not looked at closely. */
export function checkSize(definition: Definition): Finding[] {
  const blocks = blocksOf(definition);
  const count = placedSteps(definition).length;
  const deepest = blocks.reduce((most, block) => (block.depth > most.depth ? block : most));
  return [
    ...(count > limits.steps ? [finding("TOO_MANY_STEPS", { pointer: "/steps" }, { count, most: limits.steps })] : []),
    ...(deepest.depth > limits.depth
      ? [finding("TOO_DEEP", { pointer: deepest.pointer }, { depth: deepest.depth, most: limits.depth })]
      : []),
  ];
}

function checkIds(definition: Definition): Finding[] {
  const steps = placedSteps(definition).map(({ step, pointer }) => ({ id: step.id, pointer: at(pointer, "id") }));
  const triggers = definition.triggers.map(({ id }, index) => ({ id, pointer: at("/triggers", index, "id") }));
  const branches = placedSteps(definition).flatMap(({ step, pointer }) =>
    step.type === "parallel"
      ? duplicates(step.branches.map(({ id }, index) => ({ id, pointer: at(pointer, "branches", index, "id") })))
      : [],
  );
  return [...duplicates(steps), ...duplicates(triggers), ...branches];
}

function duplicates(named: readonly { readonly id: string; readonly pointer: string }[]): Finding[] {
  const seen = new Set<string>();
  return named.flatMap(({ id, pointer }) => {
    if (seen.has(id)) return [finding("ID_DUPLICATE", { pointer, stepId: id }, { id })];
    seen.add(id);
    return [];
  });
}

function checkBlock({ steps, pointer }: Block): Finding[] {
  const ids = new Set(steps.map(({ id }) => id));
  const unknown = steps.flatMap((step, index) =>
    exitsOf(step).flatMap(({ to, place }) =>
      to === undefined || ids.has(to)
        ? []
        : [finding("NEXT_UNKNOWN", { pointer: at(pointer, index, ...place), stepId: step.id }, { id: to })],
    ),
  );
  return [...unknown, ...unreachable(steps, pointer), ...circles(steps, pointer)];
}

function unreachable(steps: readonly Step[], pointer: string): Finding[] {
  const first = steps[0] as Step;
  const reached = reachableFrom(first, steps).add(first.id);
  return steps.flatMap(({ id }, index) =>
    reached.has(id) ? [] : [finding("STEP_UNREACHABLE", { pointer: at(pointer, index), stepId: id }, { id })],
  );
}

/** Each circle once, at the first of its steps in the list. */
function circles(steps: readonly Step[], pointer: string): Finding[] {
  const reach = new Map(steps.map((step) => [step.id, reachableFrom(step, steps)]));
  const told = new Set<string>();
  return steps.flatMap(({ id }, index) => {
    if (told.has(id) || !reach.get(id)?.has(id)) return [];
    const circle = steps.filter((other) => reach.get(id)?.has(other.id) && reach.get(other.id)?.has(id));
    for (const other of circle) told.add(other.id);
    const path = circle.map((other) => other.id).join(", ");
    return [finding("STEPS_IN_CIRCLE", { pointer: at(pointer, index), stepId: id }, { path })];
  });
}
