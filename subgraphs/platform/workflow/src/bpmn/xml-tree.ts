/** XML as a tree with line numbers. Document types and entities of one's own are refused, so nothing expands or is fetched. */
import { SaxesParser, type SaxesTagNS } from "saxes";
import { errors } from "../errors.js";

export interface XmlElement {
  /** Local name. */
  readonly name: string;
  readonly namespace: string;
  readonly line: number;
  /** Without namespace; others by `prefix:name`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const mostCharacters = 1024 * 1024;
const mostElements = 20_000;
const deepest = 100;

interface Open {
  name: string;
  namespace: string;
  line: number;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

/** @throws BPMN_INVALID */
export function readXml(xml: string): XmlElement {
  if (xml.length > mostCharacters) throw invalid(`it has more than ${mostCharacters} characters.`);
  const parser = new SaxesParser({ xmlns: true, position: true });
  const root: Open = { name: "", namespace: "", line: 0, attributes: {}, children: [], text: "" };
  const open: Open[] = [root];
  let count = 0;
  parser.on("doctype", () => {
    throw invalid("a document type declaration is not allowed.");
  });
  parser.on("error", (error) => {
    throw invalid(error.message);
  });
  parser.on("opentag", (tag) => {
    count += 1;
    if (count > mostElements || open.length > deepest) throw invalid("it has too many elements, or too deep ones.");
    const element = elementOf(tag, parser.line);
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("closetag", () => void open.pop());
  const addText = (text: string) => {
    const current = open.at(-1);
    if (current) current.text += text;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.write(xml).close();
  return root.children[0] as XmlElement;
}

function elementOf({ local, uri, attributes }: SaxesTagNS, line: number): Open {
  const values = Object.values(attributes).map(({ name, value }) => [name, value]);
  return { name: local, namespace: uri, line, attributes: Object.fromEntries(values), children: [], text: "" };
}

const invalid = (reason: string) => errors.BPMN_INVALID({ reason });

/** An element to be written; `name` with its prefix. */
export interface Written {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children: readonly (Written | string)[];
}

export function element(
  name: string,
  attributes: Written["attributes"] = {},
  ...children: Written["children"]
): Written {
  return { name, attributes, children };
}

export function writeXml(root: Written): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root, "")}\n`;
}

function write({ name, attributes, children }: Written, indent: string): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const opening = [name, ...given.map(([key, value]) => `${key}="${escaped(String(value))}"`)].join(" ");
  if (children.length === 0) return `${indent}<${opening} />`;
  const texts = children.filter((child) => typeof child === "string");
  if (texts.length > 0) return `${indent}<${opening}>${texts.map(escaped).join("")}</${name}>`;
  const inner = (children as Written[]).map((child) => write(child, `${indent}  `)).join("\n");
  return `${indent}<${opening}>\n${inner}\n${indent}</${name}>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** White space is kept by references; what XML 1.0 cannot hold becomes a replacement character. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => entities[character] as string)
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
