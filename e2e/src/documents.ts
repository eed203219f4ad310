/** The fenced blocks of the documentation, so that tests can run what readers are told to. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Block {
  /** `docs/auth.md:12` */
  readonly place: string;
  readonly language: string;
  /** `as=priya` after the language. */
  readonly settings: Readonly<Record<string, string>>;
  readonly text: string;
}

export function documentedBlocks(root: string): Block[] {
  const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const files = ["README.md", "CONTRIBUTING.md", ...guides.map((name) => `docs/${name}`)];
  return files.flatMap((file) => blocksOf(file, readFileSync(join(root, file), "utf8")));
}

function blocksOf(file: string, markdown: string): Block[] {
  const fence = /^```(\w+)([^\n]*)\n(.*?)^```$/gms;
  return [...markdown.matchAll(fence)].map(([, language = "", rest = "", text = ""], index) => ({
    place: `${file}, block ${index + 1}`,
    language,
    settings: Object.fromEntries(
      rest
        .trim()
        .split(/\s+/)
        .filter(Boolean)
        .map((pair) => pair.split("=", 2) as [string, string]),
    ),
    text: text.trim(),
  }));
}
