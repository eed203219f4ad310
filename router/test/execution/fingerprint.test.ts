/** Across a reload answers are only remembered where everything they follow from is as it was. */
import { describe, expect, test } from "vitest";
import { fingerprintOf } from "../../src/execution/fingerprint.js";
import { Recordings } from "../../src/execution/recordings.js";
import { Federation, readable, type SubgraphOfTest, type Way } from "./federation.js";

const way: Way = { form: "text", mergeFetches: true };
const query = "{ pets { id mood ... on Cat { lives } friend { id } } }";
const shelter = `type Query { pets: [Pet] }
  interface Pet { id: ID! mood: Mood friend: Pet }
  type Cat implements Pet @key(fields: "id") { id: ID! mood: Mood friend: Pet }
  type Dog implements Pet @key(fields: "id") { id: ID! mood: Mood friend: Pet }
  enum Mood { CALM WILD }`;
const vet = 'type Cat @key(fields: "id") { id: ID! lives: Int }';
const pets = [
  { __typename: "Cat", id: "c", mood: "WILD", friend: { __typename: "Dog", id: "d" } },
  { __typename: "Dog", id: "d", mood: "CALM" },
];

function federation(change: (sdl: string) => string = (sdl) => sdl): Federation {
  const subgraphs: Record<string, SubgraphOfTest> = {
    shelter: { sdl: change(shelter), resolvers: { Query: { pets: () => pets } } },
    vet: { sdl: change(vet), resolvers: { Cat: { lives: () => null } } },
  };
  return new Federation(subgraphs);
}

const before = fingerprintOf(federation().inputOf(query, way));
const after = (change: (sdl: string) => string) => fingerprintOf(federation(change).inputOf(query, way));

describe("the same answers follow although", () => {
  test.each([
    ["nothing changed", (sdl: string) => sdl],
    ["a type has another field", (sdl: string) => sdl.replace("lives: Int", "lives: Int age: Int")],
    [
      "there is another type",
      (sdl: string) => sdl.replace("type Query {", "type Bowl { litres: Int } type Query { bowl: Bowl"),
    ],
    ["something is described", (sdl: string) => sdl.replace("enum Mood", '"How it is today." enum Mood')],
  ])("%s", (_, change) => {
    expect(after(change)).toBe(before);
  });
});

describe("other answers may follow when", () => {
  test.each([
    ["null is not allowed any more", (sdl: string) => sdl.replace("lives: Int", "lives: Int!")],
    [
      "only one type promises a value",
      (sdl: string) =>
        sdl.replace(
          'type Dog implements Pet @key(fields: "id") { id: ID! mood: Mood',
          'type Dog implements Pet @key(fields: "id") { id: ID! mood: Mood!',
        ),
    ],
    ["an enum has another value", (sdl: string) => sdl.replace("CALM WILD", "CALM WILD SAD")],
    ["clients do not see a value of an enum", (sdl: string) => sdl.replace("WILD", "WILD @inaccessible")],
    [
      "an interface stands for another type",
      (sdl: string) => `${sdl}${sdl === shelter ? " type Fish implements Pet { id: ID! mood: Mood friend: Pet }" : ""}`,
    ],
    ["a leaf is of another type", (sdl: string) => sdl.replace("lives: Int", "lives: Float")],
    ["a list holds no nulls", (sdl: string) => sdl.replace("[Pet]", "[Pet!]")],
  ])("%s", (_, change) => {
    expect(after(change)).not.toBe(before);
  });

  test("a subgraph moves into this process, or calls are not merged", () => {
    const same = federation();
    expect(fingerprintOf(same.inputOf(query, { ...way, form: "value" }))).not.toBe(before);
    expect(fingerprintOf(same.inputOf(query, { ...way, mergeFetches: false }))).not.toBe(before);
  });
});

test("an answer is recalled on the next supergraph, and worked out anew on one that makes another of it", async () => {
  const recordings = new Recordings(1 << 20);
  const askOn = async (supergraph: Federation) =>
    supergraph.compile(query, way, {}, recordings).run(supergraph.execution(query, {}, way.form));
  const first = federation();
  const [, recorded] = [await askOn(first), await askOn(first)];
  const next = federation((sdl) => sdl.replace("lives: Int", "lives: Int age: Int"));
  expect((await askOn(next)).data).toBe(recorded.data);
  expect(next.asked).toHaveLength(2);
  const strict = readable(await askOn(federation((sdl) => sdl.replace("lives: Int", "lives: Int!"))));
  expect(strict.data).toMatchObject({ pets: [null, { id: "d" }] });
  expect(strict.errors).toMatchObject([{ path: ["pets", 0, "lives"] }]);
});
