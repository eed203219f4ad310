/** Where in a YAML file a key or a value stands. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import type { Problem } from "./config-problem.js";

export interface YamlFile {
  readonly value: unknown;
  readonly syntaxProblems: readonly Problem[];
  /** The value at `path`, or its key with `at: "key"`. The nearest part that exists when it is not there. */
  problem(path: readonly (string | number)[], message: string, at?: "key" | "value"): Problem;
}

export function readYaml(file: string, content: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const placed = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const syntaxProblems = document.errors.map(({ pos, message }) => ({
    ...placed(pos[0]),
    message: `is not valid YAML: ${message}`,
  }));
  return {
    value: syntaxProblems.length > 0 ? undefined : (document.toJS() ?? {}),
    syntaxProblems,
    problem(path, message, at = "value") {
      const offset = offsetOf(document, path, at);
      const key = path.length === 0 ? {} : { key: keyText(path) };
      return offset === undefined ? { file, ...key, message } : { ...placed(offset), ...key, message };
    },
  };
}

/** `subgraphs.users.urls[1].weight` */
export function keyText(path: readonly (string | number)[]): string {
  const parts = path.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  return parts.join("").replace(/^\./, "");
}

function offsetOf(document: Document, path: readonly (string | number)[], at: "key" | "value"): number | undefined {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0];
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const found: Place | undefined = step(node, part);
    if (found === undefined) return offset;
    node = found.value;
    const isLast = index === path.length - 1;
    offset = (isLast && at === "value" ? node?.range?.[0] : undefined) ?? found.offset ?? offset;
  }
  return offset;
}

interface Place {
  readonly value: Node | null;
  /** Of the key, or of the item of a list. */
  readonly offset: number | undefined;
}

function step(node: Node | null | undefined, part: string | number): Place | undefined {
  if (isSeq(node)) {
    const item = (node.items as Node[])[Number(part)];
    return item && { value: item, offset: item.range?.[0] };
  }
  if (!isMap(node)) return undefined;
  const pair = (node.items as Pair<Node, Node | null>[]).find(
    ({ key }) => isScalar(key) && String(key.value) === String(part),
  );
  return pair && { value: pair.value, offset: pair.key.range?.[0] };
}
