/**
 * The thread in which expressions are evaluated and answers are held against JSON Schemas: whatever runs without end or
 * fills the memory here takes this thread with it and nothing else. JSONata itself is loaded into a context that has no
 * part of Node, no objects of this thread, and cannot turn text into code.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createContext, Script } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { type Schema, Validator } from "@cfworker/json-schema";
import type { FromThread, ThreadLimits, ToThread } from "./thread-messages.js";

const { limits, home } = workerData as { limits: ThreadLimits; home: string };

/** Runs inside the context. `$eval` is taken away: it would parse what nobody has checked. */
const prelude = `
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // JSONata's base64 functions ask for those of a browser or of Node; here there is neither.
  globalThis.window = {
    btoa: (text) => text.replace(/[^]{1,3}/g, (three) => {
      const bits = [0, 1, 2].reduce((sum, at) => sum * 256 + (three.charCodeAt(at) & 255 || 0), 0);
      const four = [18, 12, 6, 0].map((shift) => digits[(bits >> shift) & 63]).join("");
      return four.slice(0, three.length + 1).padEnd(4, "=");
    }),
    atob: (text) => text.replace(/=+$/, "").replace(/[^]{2,4}/g, (four) => {
      const bits = [0, 1, 2, 3].reduce((sum, at) => sum * 64 + Math.max(0, digits.indexOf(four[at] || "A")), 0);
      return String.fromCharCode(bits >> 16, (bits >> 8) & 255, bits & 255).slice(0, four.length - 1);
    }),
  };
  const make = globalThis.jsonata;
  delete globalThis.jsonata;
  globalThis.evaluate = async (expression, bindings, limits) => {
    let steps = 0;
    const prepared = make(expression, {
      timeout: limits.milliseconds, stack: limits.depth, sequence: limits.listItems,
    });
    prepared.assign("eval", undefined);
    prepared.assign(Symbol.for("jsonata.__evaluate_entry"), () => {
      if (++steps > limits.steps) throw { code: "STEPS", message: "it takes more than " + limits.steps + " steps" };
    });
    try {
      const value = await prepared.evaluate(undefined, JSON.parse(bindings));
      const text = JSON.stringify(value === undefined ? null : value);
      return JSON.stringify({ text: text === undefined ? "null" : text });
    } catch (error) {
      const { code, message } = Object(error);
      return JSON.stringify({ code: String(code), message: String(message || error) });
    }
  };`;

function prepareContext() {
  const context = createContext({}, { codeGeneration: { strings: false, wasm: false } });
  const source = readFileSync(createRequire(home).resolve("jsonata"), "utf8");
  new Script("globalThis.global = globalThis;").runInContext(context);
  new Script(source, { filename: "jsonata.js" }).runInContext(context);
  new Script(prelude, { filename: "prelude.js" }).runInContext(context);
  return new Script("evaluate").runInContext(context) as (...texts: unknown[]) => Promise<string>;
}

const evaluateInside = prepareContext();
/** Codes of JSONata for too long, too deep and too many items, and our own for too many steps. */
const outOfBudget: Readonly<Record<string, "time" | "size">> = {
  D1012: "time",
  STEPS: "time",
  D1011: "size",
  D2015: "size",
};

async function evaluate(expression: string, bindings: string): Promise<FromThread> {
  const answer = JSON.parse(await evaluateInside(expression, bindings, { ...limits })) as Record<string, string>;
  if (answer.text === undefined) {
    const because = outOfBudget[answer.code ?? ""] ?? "failed";
    return { kind: "failed", reason: answer.message ?? "", because };
  }
  if (answer.text.length > limits.resultCharacters)
    return { kind: "failed", reason: "its result is too large", because: "size" };
  return { kind: "done", value: answer.text };
}

function check(schema: string, value: string): FromThread {
  const { valid, errors } = new Validator(JSON.parse(schema) as Schema, "2020-12", false).validate(JSON.parse(value));
  // The outer errors only say that something inside is wrong.
  const problems = valid ? [] : errors.slice(-5).map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
  return { kind: "done", value: JSON.stringify(problems) };
}

async function answer(request: ToThread): Promise<FromThread> {
  try {
    if (request.kind === "check") return check(request.schema, request.value);
    return await evaluate(request.expression, request.bindings);
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error), because: "failed" };
  }
}

const port = parentPort;
if (port) {
  port.on("message", (request: ToThread) => void answer(request).then((done) => port.postMessage(done)));
  port.postMessage({ kind: "ready" } satisfies FromThread);
}
