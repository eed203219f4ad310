import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "./world/world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld({ requestTimeoutMs: 400 });
});
afterAll(() => world.router.close());

test("one query is answered from three subgraphs", async () => {
  const { status, data, errors } = await world.ask(
    `{ latest { id value by { name sites { name intensity } } site { name manager { name } } } }`,
  );
  expect(errors).toBeUndefined();
  expect(status).toBe(200);
  expect(data).toEqual({
    latest: {
      id: "r1",
      value: 0.5,
      by: { name: "Ada", sites: [{ name: "Berlin", intensity: 2 }, { name: "Oslo", intensity: null }] },
      site: { name: "Berlin", manager: { name: "Ada" } },
    },
  });
});
