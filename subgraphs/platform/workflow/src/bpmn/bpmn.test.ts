import { BpmnModdle } from "bpmn-moddle";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Definition, definitionSchema } from "../definitions/definition.js";
import { readBpmn } from "./read-bpmn.js";
import { writeBpmn } from "./write-bpmn.js";

const facts = { key: "onboard.tenant", name: 'Onboarding <&> "new" tenants' };
const parsed = (content: object): Definition => definitionSchema.parse(content);
/** As it is stored: JSON knows no undefined. */
const stored = (content: object) => JSON.parse(JSON.stringify(parsed(content)));
const roundTrip = (content: object) => stored(readBpmn(writeBpmn(parsed(content), facts)).content);

const rich = {
  kind: "SAGA",
  inputs: { type: "object", properties: { name: { type: "string" } } },
  scopes: ["analytics:write"],
  triggers: [{ id: "nightly", type: "schedule", cron: "0 3 * * *", timeZone: "Europe/London" }],
  output: "$steps.charge",
  slaSeconds: 3600,
  steps: [
    {
      id: "ok",
      name: "Is it <OK>?\nReally",
      type: "approval",
      title: "'OK?'",
      approvers: [{ role: "owner" }, { person: "$execution.startedBy" }],
      rule: { quorum: 1 },
      next: "split",
      rejected: "sorry",
    },
    {
      id: "split",
      type: "parallel",
      next: "which",
      branches: [
        {
          id: "left",
          steps: [
            {
              id: "check",
              type: "condition",
              branches: [{ when: "$input.name < 'm'", next: "charge" }],
              otherwise: {},
            },
            {
              id: "charge",
              type: "graphql",
              operation: "mutation ($n: String!) { a(n: $n) { id } }",
              variables: { n: "$input.name" },
              retry: { attempts: 3 },
              undo: { type: "http", method: "DELETE", url: "'https://example.org/' & $result.id" },
            },
          ],
        },
        {
          id: "right",
          steps: [
            {
              id: "paid",
              type: "wait",
              wait: { event: "billing.invoice.paid", where: "$event.payload.id = 1", withinSeconds: 60 },
            },
          ],
        },
      ],
    },
    {
      id: "which",
      name: "Big?",
      type: "condition",
      branches: [{ when: "$input.name = 'big' and 1 < 2", next: "each" }, { when: "false" }],
      otherwise: { next: "later" },
    },
    {
      id: "each",
      type: "loop",
      over: "[1..3]",
      limit: 5,
      concurrency: 2,
      next: "later",
      steps: [
        {
          id: "tell",
          type: "http",
          method: "POST",
          url: "'https://example.org'",
          body: "$item",
          undo: "none",
          next: "rest",
        },
        { id: "rest", type: "wait", wait: { seconds: "3600" } },
      ],
    },
    { id: "later", type: "wait", wait: { until: "'2030-01-01T00:00:00Z'" }, next: "sub" },
    { id: "sub", type: "workflow", workflow: "dunning", input: { a: "1" }, next: "check2" },
    {
      id: "check2",
      type: "task",
      title: "'Check'",
      assignTo: { role: "analyst" },
      form: { type: "object", properties: { "a<b": { type: "string", pattern: "^[&]$" } } },
      deadline: { withinSeconds: 60, escalateTo: "owner" },
      output: "$result.x",
    },
    { id: "sorry", type: "wait", wait: { seconds: "$input.name" } },
  ],
};

describe("what is written as BPMN", () => {
  test("is read back as the same definition", () => {
    expect(roundTrip(rich)).toEqual(stored(rich));
  });

  test("is understood by another reader without a warning, every element with a place in the diagram", async () => {
    const xml = writeBpmn(parsed(rich), facts);
    const { rootElement, warnings } = await new BpmnModdle().fromXML(xml);
    expect(warnings).toEqual([]);
    const [process] = rootElement.rootElements.filter(({ $type }) => $type === "bpmn:Process");
    expect(process?.name).toBe(facts.name);
    const drawn = new Set(rootElement.diagrams[0]?.plane.planeElement.map((each) => each.bpmnElement.id));
    const all = [
      ...xml.matchAll(/<bpmn:(?:\w+(?:Event|Gateway|Task|Activity)|subProcess|sequenceFlow|association) id="([^"]+)"/g),
    ];
    expect(all.length).toBeGreaterThan(30);
    for (const [, id] of all) expect(drawn, id).toContain(id);
  });

  test("has an undo as a compensation handler, and a wait as a timer", () => {
    const xml = writeBpmn(parsed(rich), facts);
    expect(xml).toContain('<bpmn:boundaryEvent id="charge-compensation" attachedToRef="charge">');
    expect(xml).toContain('isForCompensation="true"');
    expect(xml).toContain(">PT3600S</bpmn:timeDuration>");
    expect(xml).toContain('name="billing.invoice.paid"');
  });

  test("draws nothing over anything else", () => {
    const xml = writeBpmn(parsed(rich), facts);
    const shapes = [
      ...xml.matchAll(
        /BPMNShape id="([^"]+)-shape"[^>]*>\s*<dc:Bounds x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
      ),
    ];
    const boxes = shapes.map(([, id, ...numbers]) => ({
      id: `${id}`,
      box: numbers.map(Number) as [number, number, number, number],
    }));
    const onBorder = /-compensation$/;
    const within = new Set(["each"]);
    for (const a of boxes)
      for (const b of boxes) {
        if (a === b || onBorder.test(a.id) || onBorder.test(b.id) || within.has(a.id) || within.has(b.id)) continue;
        const [ax, ay, aw, ah] = a.box;
        const [bx, by, bw, bh] = b.box;
        expect(ax + aw <= bx || bx + bw <= ax || ay + ah <= by || by + bh <= ay, `${a.id} over ${b.id}`).toBe(true);
      }
  });

  test("is the same again for any texts and any wiring without circles", () => {
    const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).map((each) => each.trim() || "x");
    const step = (index: number, size: number) => {
      const next = fc.option(
        fc.integer({ min: Math.min(index + 1, size - 1), max: size - 1 }).map((to) => `s${to}`),
        { nil: undefined },
      );
      const exit = index + 1 < size ? next : fc.constant(undefined);
      const common = { id: fc.constant(`s${index}`), name: text.filter((each) => each.length <= 100) };
      return fc.oneof(
        fc.record({
          ...common,
          type: fc.constant("wait"),
          wait: fc.oneof(fc.record({ seconds: text }), fc.record({ until: text })),
          next: exit,
        }),
        fc.record({
          ...common,
          type: fc.constant("task"),
          title: text,
          data: text,
          assignTo: fc.record({ person: text }),
          next: exit,
        }),
        fc.record({
          ...common,
          type: fc.constant("condition"),
          branches: fc.array(fc.record({ when: text, next: exit }), { minLength: 1, maxLength: 3 }),
          otherwise: fc.record({ next: exit }),
        }),
      );
    };
    const definitions = fc
      .integer({ min: 1, max: 8 })
      .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => step(index, size))));
    fc.assert(
      fc.property(definitions, (steps) => {
        const reachable = prune(steps as never);
        expect(roundTrip({ steps: reachable })).toEqual(stored({ steps: reachable }));
      }),
      { numRuns: 200 },
    );
  });
});

interface Exits {
  readonly id: string;
  readonly next?: string;
  readonly branches?: readonly { readonly next?: string }[];
  readonly otherwise?: { readonly next?: string };
}
/** What no path leads to is refused when it is read, and so left out here. */
function prune(steps: readonly Exits[]): Exits[] {
  const reached = new Set([steps[0]?.id]);
  for (const step of steps)
    if (reached.has(step.id))
      for (const next of [step.next, step.otherwise?.next, ...(step.branches ?? []).map((branch) => branch.next)])
        reached.add(next);
  return steps.filter(({ id }) => reached.has(id));
}
