import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/load-config.js";
import { routerSchema } from "../../src/config/router-schema.js";

const blocks = ["docs/router.md", "docs/operating.md"].flatMap((name) => {
  const file = fileURLToPath(new URL(`../../../${name}`, import.meta.url));
  return [...readFileSync(file, "utf8").matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, content = ""], index) => ({
    ...{ file, content },
    place: `${name}, configuration ${index + 1}: ${content.split("\n").find((line) => !line.startsWith("#"))}`,
  }));
});

describe("every configuration in the documentation is valid", () => {
  test.each(blocks)("$place", ({ file, content }) => {
    expect(() => readConfig({ file, content, environment: {} })).not.toThrow();
  });
});

test("the documentation shows every section of the configuration that is more than a switch", () => {
  const shown = blocks.flatMap(({ content }) => [...content.matchAll(/^(\w+):/gm)].map(([, name]) => name));
  const sections = Object.keys(routerSchema.properties ?? {});
  const switches = ["development", "explorer", "errors"];
  expect(sections.filter((name) => !shown.includes(name) && !switches.includes(name))).toEqual([]);
});
