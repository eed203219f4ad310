/** Where everything stands in the diagram: columns by the longest way from the start, rows by order. */
import type { Container, Flow, Node } from "./diagram.js";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  /** Corners of each flow, by its id. */
  readonly ways: ReadonlyMap<string, readonly (readonly [number, number])[]>;
  readonly width: number;
  readonly height: number;
}

const gap = { column: 60, row: 40, padding: 30, undo: 50 };
const sizes: Readonly<Record<string, readonly [number, number]>> = {
  startEvent: [36, 36],
  endEvent: [36, 36],
  intermediateCatchEvent: [36, 36],
  exclusiveGateway: [50, 50],
  parallelGateway: [50, 50],
};
const task = [100, 80] as const;

/** A container whose upper left corner is at (x, y). */
export function layOut(container: Container, x = 0, y = 0): Layout {
  const columns = columnsOf(container);
  const boxes = new Map<string, Box>();
  let left = x + gap.padding;
  let bottom = y;
  for (const nodes of columns) {
    let top = y + gap.padding;
    let width = 0;
    for (const node of nodes) {
      const box = place(node, left, top, boxes);
      width = Math.max(width, box.width);
      top = box.y + box.height + gap.row + (node.undo ? gap.undo + task[1] : 0);
    }
    left += width + gap.column;
    bottom = Math.max(bottom, top - gap.row);
  }
  const ways = new Map(container.flows.map((flow) => [flow.id, wayOf(flow, boxes)] as const));
  for (const { inner } of container.nodes) if (inner) addInner(inner, boxes, ways);
  return { boxes, ways, width: left - gap.column + gap.padding - x, height: bottom + gap.padding - y };
}

function place(node: Node, x: number, y: number, boxes: Map<string, Box>): Box {
  const inner = node.inner ? layOut(node.inner) : null;
  const [width, height] = inner ? [inner.width, inner.height] : (sizes[node.element] ?? task);
  const box = { x, y, width, height };
  boxes.set(node.id, box);
  if (node.undo) {
    boxes.set(`${node.id}-compensation`, { x: x + width - 48, y: y + height - 18, width: 36, height: 36 });
    boxes.set(node.undo.id, { x: x + width - 30, y: y + height + gap.undo, width: task[0], height: task[1] });
  }
  return box;
}

function addInner(
  inner: Container,
  boxes: Map<string, Box>,
  ways: Map<string, readonly (readonly [number, number])[]>,
): void {
  const around = boxes.get(inner.id) as Box;
  const layout = layOut(inner, around.x, around.y);
  for (const [id, box] of layout.boxes) boxes.set(id, box);
  for (const [id, way] of layout.ways) ways.set(id, way);
}

/** Longest way from the start; in a circle, which a draft may have, as far as there are nodes. */
function columnsOf({ nodes, flows }: Container): Node[][] {
  const rank = new Map(nodes.map(({ id }) => [id, 0]));
  for (let round = 0, moved = true; moved && round < nodes.length; round += 1) {
    moved = false;
    for (const { from, to } of flows) {
      const wanted = (rank.get(from) ?? 0) + 1;
      if (wanted <= (rank.get(to) ?? 0) || wanted >= nodes.length) continue;
      rank.set(to, wanted);
      moved = true;
    }
  }
  const columns = nodes.map((_, column) => nodes.filter(({ id }) => rank.get(id) === column));
  return columns.filter((column) => column.length > 0);
}

function wayOf({ from, to }: Flow, boxes: ReadonlyMap<string, Box>): (readonly [number, number])[] {
  const [a, b] = [boxes.get(from), boxes.get(to)];
  if (!a || !b) return [];
  const start = [a.x + a.width, a.y + a.height / 2] as const;
  const end = [b.x, b.y + b.height / 2] as const;
  if (start[1] === end[1] && start[0] <= end[0]) return [start, end];
  const middle = end[0] - gap.column / 2;
  return [start, [middle, start[1]], [middle, end[1]], end];
}
