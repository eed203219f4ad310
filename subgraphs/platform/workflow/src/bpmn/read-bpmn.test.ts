import { describe, expect, test } from "vitest";
import { definitionSchema } from "../definitions/definition.js";
import { readBpmn } from "./read-bpmn.js";
import { secondsOf } from "./vocabulary.js";

const model = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const document = (process: string, more = "") =>
  `<?xml version="1.0"?>\n<definitions xmlns="${model}" xmlns:t="urn:tessera:workflow:1" targetNamespace="x">${more}\n<process id="p" name="Order">\n${process}\n</process></definitions>`;
let flows = 0;
const flow = (from: string, to: string, inner = "", more = "") =>
  `<sequenceFlow id="f${++flows}" sourceRef="${from}" targetRef="${to}" ${more}>${inner}</sequenceFlow>`;
const owner =
  "<potentialOwner><resourceAssignmentExpression><formalExpression>group(analyst)</formalExpression></resourceAssignmentExpression></potentialOwner>";
const user = (id: string) => `<userTask id="${id}" name="Do ${id}">${owner}</userTask>`;
const ends = '<startEvent id="s"/><endEvent id="e"/>';
const chain = (...ids: string[]) =>
  ids
    .slice(1)
    .map((to, index) => flow(`${ids[index]}`, to))
    .join("");
const read = (process: string, more = "") => definitionSchema.parse(readBpmn(document(process, more)).content);
function refusal(process: string): { code: string; message: string } {
  try {
    readBpmn(process.startsWith("<?xml") ? process : document(process));
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("It was read.");
}

describe("a process drawn with another tool", () => {
  test("is read: people's tasks, timers, messages, calls, conditions", () => {
    const { steps } = read(
      `${ends}${user("pack-it")}<exclusiveGateway id="g" default="no"/><intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>P1DT2H</timeDuration></timerEventDefinition></intermediateCatchEvent>
      <intermediateCatchEvent id="paid"><messageEventDefinition messageRef="m"/></intermediateCatchEvent><callActivity id="bill" calledElement="billing"/><exclusiveGateway id="merge"/>
      ${chain("s", "pack-it", "g")}${flow("g", "wait", "<conditionExpression>$input.late</conditionExpression>")}<sequenceFlow id="no" sourceRef="g" targetRef="merge"/>${chain("wait", "merge", "paid", "bill", "e")}`,
      '<message id="m" name="billing.invoice.paid"/>',
    );
    expect(steps).toMatchObject([
      { id: "pack_it", type: "task", title: "'Do pack-it'", assignTo: { role: "analyst" }, next: "g" },
      { id: "g", type: "condition", branches: [{ when: "$input.late", next: "wait" }], otherwise: { next: "paid" } },
      { id: "wait", type: "wait", wait: { seconds: "93600" }, next: "paid" },
      { id: "paid", type: "wait", wait: { event: "billing.invoice.paid" }, next: "bill" },
      { id: "bill", type: "workflow", workflow: "billing" },
    ]);
  });

  test("is read with forks, and what lies between fork and join is within the step", () => {
    const { steps } = read(
      `${ends}<parallelGateway id="fork"/>${user("a")}${user("b")}${user("c")}<parallelGateway id="join"/>${user("d")}
      ${chain("s", "fork", "a", "b", "join")}${chain("fork", "c", "join", "d", "e")}`,
    );
    expect(steps).toMatchObject([
      {
        id: "fork",
        type: "parallel",
        next: "d",
        branches: [{ steps: [{ id: "a", next: "b" }, { id: "b" }] }, { steps: [{ id: "c" }] }],
      },
      { id: "d" },
    ]);
  });
});

describe("what has no counterpart is refused with its id and line:", () => {
  test.each<[string, string, string]>([
    ["a script", `${ends}<scriptTask id="x"/>${chain("s", "x", "e")}`, "scriptTask x (line 4)"],
    [
      "an inclusive gateway",
      `${ends}\n<inclusiveGateway id="x"/>${chain("s", "x", "e")}`,
      "inclusiveGateway x (line 5)",
    ],
    [
      "a service task that does not say what it does",
      `${ends}<serviceTask id="x"/>${chain("s", "x", "e")}`,
      "serviceTask x",
    ],
    ["a task for nobody", `${ends}<userTask id="x"/>${chain("s", "x", "e")}`, "userTask x"],
    [
      "an error event on a border",
      `${ends}${user("a")}<boundaryEvent id="x" attachedToRef="a"><errorEventDefinition/></boundaryEvent>${chain("s", "a", "e")}`,
      "boundaryEvent x",
    ],
    [
      "a terminating end",
      `<startEvent id="s"/><endEvent id="x"><terminateEventDefinition/></endEvent>${user("a")}${chain("s", "a", "x")}`,
      "endEvent x",
    ],
    [
      "a start by timer",
      `<startEvent id="x"><timerEventDefinition/></startEvent><endEvent id="e"/>${user("a")}${chain("x", "a", "e")}`,
      "startEvent x",
    ],
    ["two starts", `${ends}<startEvent id="x"/>${user("a")}${chain("s", "a", "e")}${flow("x", "a")}`, "startEvent x"],
    [
      "several flows out of a task",
      `${ends}${user("x")}${user("b")}${chain("s", "x", "e")}${chain("x", "b", "e")}`,
      "userTask x",
    ],
    [
      "a fork that never joins",
      `${ends}<parallelGateway id="x"/>${user("a")}${user("b")}${chain("s", "x", "a", "e")}${chain("x", "b", "e")}`,
      "parallelGateway x",
    ],
    [
      "a join without a fork",
      `${ends}${user("a")}<exclusiveGateway id="g" default="d"/><parallelGateway id="x"/>${chain("s", "g")}<sequenceFlow id="d" sourceRef="g" targetRef="x"/>${flow("g", "a", "<conditionExpression>true</conditionExpression>")}${chain("a", "x", "e")}`,
      "parallelGateway x",
    ],
    [
      "a way into a branch from outside",
      `${ends}<exclusiveGateway id="g" default="d"/><parallelGateway id="f"/>${user("a")}${user("x")}<parallelGateway id="j"/><sequenceFlow id="d" sourceRef="g" targetRef="f"/>${flow("g", "x", "<conditionExpression>true</conditionExpression>")}${chain("s", "g")}${chain("f", "a", "j", "e")}${chain("f", "x", "j")}`,
      "x (line 4)",
    ],
    ["a task no flow leads to", `${ends}${user("a")}${user("x")}${chain("s", "a", "e")}`, "userTask x"],
    [
      "a flow to nowhere",
      `${ends}${user("a")}${chain("s", "a")}<sequenceFlow id="x" sourceRef="a" targetRef="nothing"/>`,
      "sequenceFlow x",
    ],
    [
      "a branch without condition",
      `${ends}<exclusiveGateway id="g"/>${user("a")}${user("b")}${chain("s", "g", "a", "e")}<sequenceFlow id="x" sourceRef="g" targetRef="b"/>${chain("b", "e")}`,
      "sequenceFlow f",
    ],
    [
      "a duration of no fixed length",
      `${ends}<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>P1M</timeDuration></timerEventDefinition></intermediateCatchEvent>${chain("s", "x", "e")}`,
      "intermediateCatchEvent x",
    ],
    ["a subprocess that is no loop", `${ends}<subProcess id="x"/>${chain("s", "x", "e")}`, "subProcess x"],
    [
      "an extension that is no JSON",
      `${ends}<serviceTask id="x"><extensionElements><t:step type="http">{</t:step></extensionElements></serviceTask>${chain("s", "x", "e")}`,
      "serviceTask x",
    ],
    ["nothing at all", `${ends}${chain("s", "e")}`, "process p (line 3)"],
  ])("%s", (_, process, place) => {
    const { code, message } = refusal(process);
    expect(code).toBe("BPMN_UNSUPPORTED");
    expect(message).toContain(place);
  });

  test("two processes in one document", () => {
    expect(refusal(document("").replace("</definitions>", '<process id="x"/></definitions>')).message).toContain(
      "process x",
    );
  });
});

describe("what is no plain XML is refused:", () => {
  const bomb = `<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
  const external = `<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>`;
  test.each([
    ["an entity bomb", document("<documentation>&b;</documentation>").replace("?>", `?>${bomb}`)],
    ["an external entity", document("<documentation>&file;</documentation>").replace("?>", `?>${external}`)],
    ["an external document type", document("").replace("?>", '?><!DOCTYPE x SYSTEM "http://example.org/x.dtd">')],
    ["an entity nobody declared", document("<documentation>&nothing;</documentation>")],
    ["an element that is not closed", document("<userTask>")],
    ["no XML", "<?xml version='1.0'?>hello"],
    ["another vocabulary", '<?xml version="1.0"?><definitions xmlns="urn:other"/>'],
    ["no process", `<?xml version="1.0"?><definitions xmlns="${model}"/>`],
    ["elements without end", document("<a>".repeat(5_000))],
    ["more than a megabyte", document(" ".repeat(1_100_000))],
  ])("%s", (_, xml) => {
    const before = Date.now();
    expect(refusal(xml).code).toBe("BPMN_INVALID");
    expect(Date.now() - before).toBeLessThan(3_000);
  });
});

test.each([
  ["PT30S", 30],
  ["PT5M", 300],
  ["P1DT2H", 93_600],
  ["P2W", 1_209_600],
  ["P1M", null],
  ["P1Y", null],
  ["PT", null],
  ["P", null],
  ["1", null],
])("the duration %s has %j seconds", (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});
