import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkSchema, compareSchemas, type JsonSchema } from "../src/index.js";
import { drawFrom } from "./random/draw.js";
import { drawPayload } from "./random/payloads.js";
import { drawChanged, drawRoot } from "./random/schemas.js";

const numRuns = Number(process.env.PROPERTY_RUNS ?? 300);
const options = { allErrors: true, strict: false, logger: false, ownProperties: true } as const;
const payloadsEach = 40;

/** A validator of its own, so that the one under test does not answer for itself. */
function testerOf(schema: JsonSchema): ValidateFunction {
  const ajv = new Ajv2020({ ...options, meta: false, validateSchema: false });
  ajv.opts.unevaluated = false;
  addFormats.default(ajv);
  return ajv.compile(schema);
}

test("where a newer schema is said to be compatible, it takes every payload the older takes", { timeout: 0 }, () => {
  const seen = { compatible: 0, incompatible: 0, payloads: 0, refused: 0 };
  const property = fc.property(fc.gen(), (g) => {
    const draw = drawFrom(g);
    const older = drawRoot(draw);
    const newer = drawChanged(draw, older);
    fc.pre(checkSchema(older).length === 0 && checkSchema(newer).length === 0);
    const [takesOlder, takesNewer] = [testerOf(older), testerOf(newer)];
    const found = compareSchemas(older, newer, "BACKWARD");
    seen[found.length === 0 ? "compatible" : "incompatible"]++;
    for (let count = 0; count < payloadsEach; count++) {
      const payload = drawPayload(draw, draw.chance(70) ? older : newer);
      if (!takesOlder(payload)) continue;
      seen.payloads++;
      if (takesNewer(payload)) continue;
      seen.refused++;
      if (found.length === 0) expect.fail(JSON.stringify({ older, newer, payload }, null, 1));
    }
  });
  fc.assert(property, { numRuns, endOnFailure: true });
  // A run that hardly ever says "compatible", or hardly finds a payload, proves nothing.
  expect(seen.compatible).toBeGreaterThan(numRuns / 5);
  expect(seen.incompatible).toBeGreaterThan(numRuns / 5);
  expect(seen.payloads).toBeGreaterThan(numRuns * 3);
  expect(seen.refused).toBeGreaterThan(numRuns / 5);
  if (process.env.PROPERTY_RUNS) console.log(seen);
});
