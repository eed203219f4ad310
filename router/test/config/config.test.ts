import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConfigProblem } from "../../src/config/config-problem.js";
import { readConfig } from "../../src/config/load-config.js";
import { printSchema, routerSchema } from "../../src/config/router-schema.js";
import type { Schema } from "../../src/config/schema-parts.js";

const read = (content: string, environment: Record<string, string> = {}) =>
  readConfig({ file: "/etc/router.yaml", content, environment }).config;

function problemsOf(content: string, environment: Record<string, string> = {}): string[] {
  try {
    read(content, environment);
  } catch (error) {
    if (error instanceof ConfigProblem) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("a file is held against its schema", () => {
  test("an empty file, and one of comments only, leave every default", () => {
    expect(read("")).toEqual({});
    expect(read("# yaml-language-server: $schema=router.schema.json\n")).toEqual({});
  });

  test("what is allowed is taken as it stands", () => {
    const config = read("server:\n  port: 8080\n  compression: false\nintrospection: { roles: [developer] }\n");
    expect(config).toEqual({ server: { port: 8080, compression: false }, introspection: { roles: ["developer"] } });
  });

  test("every problem is told at once, each at its line and column", () => {
    expect(problemsOf("server:\n  prot: 8080\nlimits:\n  depth: deep\n  tokens: 0\n")).toEqual([
      '/etc/router.yaml:2:3 server.prot: there is no such key. Did you mean "port"?',
      "/etc/router.yaml:4:10 limits.depth: expected a whole number, found text.",
      "/etc/router.yaml:5:11 limits.tokens: 0 is too small: the least is 1.",
    ]);
  });

  test("a key that stands in the wrong section is sent to the right one, an unknown one gets the list", () => {
    expect(problemsOf("port: 4000\n")).toEqual([
      '/etc/router.yaml:1:1 port: there is no such key here; it belongs under "server".',
    ]);
    expect(problemsOf("supergraph:\n  colour: red\n")).toEqual([
      "/etc/router.yaml:2:3 supergraph.colour: there is no such key. Here may stand: file, watch, pollMs.",
    ]);
  });

  test.each([
    ["request_timeout_ms", "server:\n  request_timeout_ms: 5\n", "requestTimeoutMs"],
    ["request-timeout-ms", "server:\n  request-timeout-ms: 5\n", "requestTimeoutMs"],
    ["swapped letters", "server:\n  hots: a\n", "host"],
  ])("a key written as %s is recognised", (_how, content, meant) => {
    expect(problemsOf(content)[0]).toContain(`Did you mean "${meant}"?`);
  });

  test("a word that is none of the choices is shown with the one that was meant", () => {
    expect(problemsOf("cost: { mode: enforced }")).toEqual([
      '/etc/router.yaml:1:15 cost.mode: "enforced" is none of off, measure, enforce. Did you mean "enforce"?',
    ]);
  });

  test("of a key with several forms, only the form the value has is complained about", () => {
    expect(problemsOf("server:\n  compression:\n    thresholdBytes: -1\n")).toEqual([
      "/etc/router.yaml:3:21 server.compression.thresholdBytes: -1 is too small: the least is 0.",
    ]);
    expect(problemsOf("batching: yes please\n")).toEqual([
      "/etc/router.yaml:1:11 batching: expected false or keys below it, found text.",
    ]);
  });

  test("of a key whose forms differ in their keys, the form is the one whose keys are there", () => {
    const rule = (text: string) => problemsOf(`headers:\n  request:\n    - propagate: { ${text} }\n`);
    expect(rule("named: x-tenant, renmae: x-org")).toEqual([
      '/etc/router.yaml:3:37 headers.request[0].propagate.renmae: there is no such key. Did you mean "rename"?',
    ]);
    expect(rule("nmaed: x-tenant")).toEqual([
      "/etc/router.yaml:3:18 headers.request[0].propagate: expected one of the keys named, matching, found keys below it. " +
        'Did you mean "named"?',
    ]);
  });

  test("a key that cannot be left out is named", () => {
    expect(problemsOf("server:\n  tls: { certFile: a.crt }\n")).toEqual([
      '/etc/router.yaml:2:3 server.tls: "keyFile" is missing. Write for example keyFile: "tls/router.key"',
    ]);
  });

  test("a section without anything below it is told apart from one that is not there", () => {
    expect(problemsOf("limits:\n")[0]).toContain("limits: expected keys below it, found nothing.");
  });

  test("what is no YAML is told at its place", () => {
    expect(problemsOf("server:\n  port: [1\n")[0]).toMatch(/^\/etc\/router\.yaml:\d+:\d+ is not valid YAML: /);
    expect(problemsOf("server: {}\nserver: {}\n")[0]).toMatch(/^\/etc\/router\.yaml:2:1 is not valid YAML: .*unique/);
  });

  test("relative paths start at the folder of the file, absolute ones stay", () => {
    expect(read("supergraph: { file: graphs/all.graphql }")).toEqual({
      supergraph: { file: "/etc/graphs/all.graphql" },
    });
    expect(read("supergraph: { file: /srv/all.graphql }")).toEqual({ supergraph: { file: "/srv/all.graphql" } });
  });
});

describe("variables of the environment", () => {
  const users = "subgraphs:\n  users:\n    url: ";

  test("expand inside strings, with a default where one is given", () => {
    const value = `${users}http://\${env.USERS_HOST:-users}:\${env.USERS_PORT}/graphql\n`;
    expect(read(value, { USERS_PORT: "4001" }).subgraphs?.users?.url).toBe("http://users:4001/graphql");
    expect(read(value, { USERS_PORT: "1", USERS_HOST: "u" }).subgraphs?.users?.url).toBe("http://u:1/graphql");
  });

  test("become numbers and switches where those are expected, and stay text where text is", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
    const content = "server: { port: '${env.PORT}', host: '${env.HOST}' }\ndevelopment: ${env.DEV:-false}\n";
    expect(read(content, { PORT: "8080", HOST: "127" })).toEqual({
      server: { port: 8080, host: "127" },
      development: false,
    });
  });

  test("that are missing are told with the key that needs them, an empty one counts as missing", () => {
    const wanted =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what is said
      "/etc/router.yaml:3:10 subgraphs.users.url: the environment has no USERS_URL. Set it, or write ${env.USERS_URL:-default}.";
    expect(problemsOf(`${users}\${env.USERS_URL}\n`)).toEqual([wanted]);
    expect(problemsOf(`${users}\${env.USERS_URL}\n`, { USERS_URL: "" })).toEqual([wanted]);
  });

  test("of another form are refused", () => {
    expect(problemsOf(`${users}\${USERS_URL}\n`, { USERS_URL: "http://u" })[0]).toMatch(/write \$\{env\.NAME\}/);
  });

  test("are never shown, whatever is wrong with them", () => {
    const secret = "'$" + "{env.S}'";
    const content = [
      `server: { port: ${secret} }`,
      `cost: { mode: ${secret} }`,
      `limits: { depth: ${secret.replace("S", "N")} }`,
      `subgraphs: { a: { url: ${secret} } }`,
      `batching: ${secret}`,
    ].join("\n");
    const problems = problemsOf(content, { S: "hunter2-hunter2", N: "-7331" });
    expect(problems).toHaveLength(5);
    expect(problems.join("\n")).not.toMatch(/hunter2|7331/);
  });
});

describe("the schema file", () => {
  test("is what is printed from the source", () => {
    const file = new URL("../../router.schema.json", import.meta.url);
    const hint = "Write it again: npm run --silent router -- --print-schema > router/router.schema.json";
    expect(readFileSync(file, "utf8") === printSchema(), hint).toBe(true);
  });

  test("describes every key", () => {
    const undescribed = everyKey(routerSchema).filter(({ schema }) => !schema.description);
    expect(undescribed.map(({ key }) => key)).toEqual([]);
  });

  test("states a default or gives an example for every value that is not required", () => {
    const silent = everyKey(routerSchema).filter(({ schema, required }) => {
      const isValue = schema.properties === undefined && schema.anyOf === undefined;
      const says = schema.default !== undefined || /default/i.test(schema.description ?? "");
      return isValue && !required && !says && !("examples" in schema);
    });
    expect(silent.map(({ key }) => key)).toEqual([]);
  });

  test("gives defaults and examples that are valid themselves", () => {
    for (const { key, schema } of everyKey(routerSchema)) {
      const given = [...("default" in schema ? [schema.default] : []), ...((schema.examples as unknown[]) ?? [])];
      for (const value of given) expect(problemsOf(JSON.stringify(nested(key, value))), key).toEqual([]);
    }
  });
});

interface Key {
  readonly key: string;
  readonly schema: Schema<unknown>;
  readonly required: boolean;
}

function everyKey(schema: Schema<unknown>, path = ""): Key[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const key = path === "" ? name : `${path}.${name}`;
    return [{ key, schema: value, required: schema.required?.includes(name) ?? false }, ...everyKey(value, key)];
  });
  return [...own, ...(schema.anyOf ?? []).flatMap((form) => everyKey(form, path))];
}

/** `{ a: { b: value } }`, where the sections on the way have what they cannot be without. */
function nested(key: string, value: unknown): unknown {
  let schema: Schema<unknown> = routerSchema;
  const parts = key.split(".");
  const result: Record<string, unknown> = {};
  let place = result;
  for (const [index, part] of parts.entries()) {
    schema = formWith(schema, part);
    fillRequired(place, schema);
    const inner: Record<string, unknown> = {};
    place[part] = index === parts.length - 1 ? value : inner;
    place = inner;
    schema = schema.properties?.[part] ?? {};
  }
  return result;
}

function formWith(schema: Schema<unknown>, key: string): Schema<unknown> {
  if (schema.properties?.[key] !== undefined) return schema;
  return (schema.anyOf ?? []).map((form) => formWith(form, key)).find((form) => form.properties?.[key]) ?? schema;
}

function fillRequired(place: Record<string, unknown>, { required = [], properties = {} }: Schema<unknown>): void {
  for (const name of required) place[name] ??= exampleOf(properties[name] ?? {});
}

function exampleOf(schema: Schema<unknown>): unknown {
  const [example] = (schema.examples as unknown[] | undefined) ?? [];
  if (example !== undefined) return example;
  if (schema.default !== undefined) return schema.default;
  if (schema.type === "array") return [exampleOf((schema.items as Schema<unknown>) ?? {})];
  if (schema.type === "integer" || schema.type === "number") return (schema.minimum as number) ?? 1;
  if (schema.type === "boolean") return true;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.type !== "object") return "x";
  const inner: Record<string, unknown> = {};
  fillRequired(inner, schema);
  return inner;
}
