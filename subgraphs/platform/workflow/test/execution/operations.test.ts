import { startGraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import workflow from "../../src/index.js";
import { staff } from "../staff/staff.js";
import { shop } from "./shop/shop.js";
import { act, definition, startWorld, takeBack, type World } from "./world.js";

describe.each(["single", "distributed"] as const)("operations of a definition, topology %s", (topology) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(() => startGraph([workflow, shop, staff], { topology }));
  });
  afterAll(() => world.graph.close());

  const validate = "query ($c: JSON!) { validateWorkflow(content: $c) { severity code message pointer stepId } }";
  const findings = async (...steps: object[]) =>
    (await world.graph.data(world.newPerson(), validate, { c: definition(steps) })).validateWorkflow;
  const ask = (operation: string, variables: object = {}) => ({ id: "ask", type: "graphql", operation, variables });

  test("that the supergraph takes are in order, however they are written", async () => {
    const fragment = "query Effects { ...all } fragment all on Query { shopEffects { name } } # all of them";
    for (const operation of ["{ shopEffects { name } }", "query { shopEffects { name } }", fragment])
      expect(await findings(ask(operation))).toEqual([]);
    expect(await findings(act("one", { undo: takeBack("one") }))).toEqual([]);
  });

  test("say in which line of which step the supergraph does not know a field, an argument or a type", async () => {
    const refused = { severity: "ERROR", code: "OPERATION_REFUSED", pointer: "/steps/0/operation", stepId: "ask" };
    const unknown = await findings(ask("{\n  shopEffects {\n    name colour\n  }\n}"));
    expect(unknown).toEqual([{ ...refused, message: expect.stringMatching(/"colour".*\(line 3\)$/) }]);
    const wrongly = "mutation ($name: Int!) {\n  shopDo(name: $name, size: 3) { name }\n}";
    const messages = (await findings(ask(wrongly, { name: "1" }))).map(({ message }: { message: string }) => message);
    expect(messages).toEqual([expect.stringContaining('"size"'), expect.stringContaining('"Int!"')]);
    const undo = { type: "graphql", operation: "mutation { unshopDo }", variables: {} };
    expect(await findings(act("one", { undo }))).toMatchObject([
      { code: "OPERATION_REFUSED", pointer: "/steps/0/undo/operation", stepId: "one" },
    ]);
  });

  test("keep a definition from being published, and are not carried out by being checked", async () => {
    const person = world.newPerson();
    const wrong = world.publish(person, definition([act("one", { next: "ask" }), ask("{ shopDone }")]));
    await expect(wrong).rejects.toThrow(/DEFINITION_INVALID/);
    await world.publish(person, definition([act("one")]));
    expect(await world.done(person)).toEqual([]);
  });

  test("are not asked about when they are wrong by themselves", async () => {
    const codes = (await findings(ask("{ shopEffects(first: $first) { colour } }"))).map(
      ({ code }: { code: string }) => code,
    );
    expect(codes).toEqual(["OPERATION_VARIABLE_UNDECLARED"]);
  });
});
