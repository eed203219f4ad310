/** One run of a program: calls start as soon as those they wait for are done, and their answers grow one tree. */
import type { GraphQLError } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { SubgraphAnswer, SubgraphCall } from "../subgraphs/subgraph-call.js";
import { CallOrder } from "./call-order.js";
import type { CompiledCall, EntityTarget, RootTarget } from "./compiled-call.js";
import { type ContextRequest, contextRequest } from "./context-values.js";
import { errorsOfEntities, errorsOfRoot, lackingEntities, lackingRoot } from "./errors-at-paths.js";
import type { Execution } from "./executable.js";
import { copyTree } from "./merge-trees.js";
import { holds } from "./plan-steps.js";
import type { Program } from "./program.js";
import { type Brought, invalid, readAnswer } from "./read-answer.js";
import type { ShownPaths } from "./shown-paths.js";
import { requestOf } from "./subgraph-request.js";
import type { Tree } from "./text/tree.js";
import type { TypeNames } from "./type-names.js";
import type { ResponsePath } from "./walk.js";
import { FoundObjects, type Wanted, wantedBy } from "./wanted.js";

/** What the calls of an operation brought. */
export interface Gathered {
  readonly data: Tree | null;
  /** At the client's paths. */
  readonly errors: readonly GraphQLError[];
  readonly lacks?: Run["lacks"];
}

export interface RunOptions {
  readonly program: Program;
  readonly names: TypeNames;
  readonly responseNames: Readonly<Record<string, string>>;
  readonly paths: ShownPaths;
}

export class Run {
  readonly root: Tree;
  readonly names: TypeNames;
  readonly responseNames: Readonly<Record<string, string>>;
  readonly paths: ShownPaths;
  readonly execution: Execution;
  readonly #order: CallOrder;
  /** Of each part, the calls that are not done. */
  readonly #left: number[];
  readonly #errors: GraphQLError[][];
  /** JSON of paths, as the client knows them, and what still has to be looked for when somebody asks. */
  readonly #lacking = new Set<string>();
  readonly #notLookedFor: (() => readonly ResponsePath[])[] = [];
  #isOver = false;
  #finish: () => void = nothing;
  #fail: (error: unknown) => void = nothing;
  #onPart: (part: number) => void = nothing;

  constructor({ program, names, responseNames, paths }: RunOptions, execution: Execution, root: Tree) {
    this.root = root;
    this.names = names;
    this.responseNames = responseNames;
    this.paths = paths;
    this.execution = execution;
    this.#order = new CallOrder(program.calls);
    this.#left = program.parts.map(() => 0);
    this.#errors = program.parts.map(() => []);
    for (const { part } of program.calls) this.#left[part] = (this.#left[part] ?? 0) + 1;
  }

  errorsOf(part: number): GraphQLError[] {
    return this.#errors[part] ?? [];
  }

  /** Whether a field is missing because of an error that is reported at another one. */
  lacks(path: ResponsePath): boolean {
    for (const find of this.#notLookedFor.splice(0)) for (const one of find()) this.#lacking.add(JSON.stringify(one));
    return this.#lacking.size > 0 && this.#lacking.has(JSON.stringify(path));
  }

  isDone(part: number): boolean {
    return this.#left[part] === 0;
  }

  /** Resolves when every call is done, or at once when the request is aborted. `onPart` hears of each part that is done. */
  start(onPart: (part: number) => void = nothing): Promise<void> {
    const { signal } = this.execution.context.facts;
    if (signal.aborted) return Promise.resolve(this.#abort(signal));
    if (this.#order.isDone) return Promise.resolve();
    this.#onPart = onPart;
    return new Promise((resolve, reject) => {
      const abort = () => this.#abort(signal);
      signal.addEventListener("abort", abort);
      this.#finish = () => {
        signal.removeEventListener("abort", abort);
        this.#isOver = true;
        resolve();
      };
      this.#fail = (error) => {
        signal.removeEventListener("abort", abort);
        this.#isOver = true;
        reject(error);
      };
      this.#startReady();
    });
  }

  /** No further call starts, and answers that still come are not looked at. */
  stop(): void {
    this.#finish();
    this.#isOver = true;
  }

  #startReady(): void {
    try {
      this.#order.start((call) => this.#begin(call));
    } catch (error) {
      this.#fail(error);
    }
  }

  #abort({ reason }: AbortSignal): void {
    const error = reason instanceof RouterError ? reason : new RouterError("REQUEST_ABORTED");
    for (let part = 0; part < this.#left.length; part++) {
      if (part === 0 || !this.isDone(part)) this.errorsOf(part).push(error);
    }
    this.#finish();
    this.#isOver = true;
  }

  #begin(call: CompiledCall): void {
    if (this.#isOver) return;
    const isSent = holds(call.conditions, this.execution.variables) && this.#trySend(call);
    if (!isSent) this.#done(call);
  }

  /** False when there is nothing to ask for. */
  #trySend(call: CompiledCall): boolean {
    if (call.root) return this.#sendRoot(call, call.root);
    if (call.context) {
      const request = contextRequest(call, call.context, this);
      if (request) this.#send(call, request.call, request.wanted, request);
      return request !== null;
    }
    const wanted: Wanted[] = [];
    let isNeeded = false;
    for (const entity of call.entities) {
      const one = wantedBy(entity, this.root);
      if (one.texts.length > 0) isNeeded = true;
      wanted.push(one);
    }
    if (isNeeded) this.#send(call, requestOf(call, this.execution, wanted, this.names.form), wanted, null);
    return isNeeded;
  }

  #sendRoot(call: CompiledCall, target: RootTarget): boolean {
    if (objectsOf(target, this.root).length === 0) return false;
    this.#send(call, requestOf(call, this.execution, [], this.names.form), [], null);
    return true;
  }

  #send(call: CompiledCall, request: SubgraphCall, wanted: readonly Wanted[], context: ContextRequest | null): void {
    this.execution.call(request).then(
      (answer) => this.#receive(call, answer, wanted, context),
      () => this.#receive(call, lost(call), wanted, context),
    );
  }

  #receive(
    call: CompiledCall,
    answer: SubgraphAnswer,
    wanted: readonly Wanted[],
    context: ContextRequest | null,
  ): void {
    if (this.#isOver) return void read(answer, false);
    try {
      const brought = readAnswer(answer, context?.reader ?? call.reader, this.names.form, call.operation.subgraph);
      read(answer, brought.errors.length > 0);
      if (call.root) this.#placeRoot(call, call.root, brought);
      else this.#placeEntities(context ? context.asCall : call, wanted, brought);
      this.#done(call);
    } catch (error) {
      this.#fail(error);
    }
  }

  #placeRoot(call: CompiledCall, target: RootTarget, { data, errors }: Brought): void {
    if (data) {
      target.rewrites?.apply(data);
      for (const object of objectsOf(target, this.root)) target.assign(object, data);
    }
    if (errors.length === 0) return;
    this.#report(call, errorsOfRoot(errors, call, target, this));
    if (!data) this.#notLookedFor.push(() => lackingRoot(target, this));
  }

  #placeEntities(call: CompiledCall, wanted: readonly Wanted[], { data, errors }: Brought): void {
    let reported = errors;
    for (let field = 0; data && field < wanted.length; field++) {
      const target = call.entities[field];
      const list = data[call.operation.entities[field]?.alias ?? ""];
      const one = wanted[field];
      if (!target || !one) continue;
      // With one too few or too many, nobody knows which entity is which.
      if (Array.isArray(list) && list.length === one.texts.length) place(list, target, one);
      else if (reported.length === 0) reported = invalid(call.operation.subgraph).errors;
    }
    if (reported.length === 0) return;
    this.#report(call, errorsOfEntities(reported, call, wanted, this));
    this.#notLookedFor.push(() => lackingEntities(reported, data, call, wanted, this));
  }

  #report({ part }: CompiledCall, errors: readonly GraphQLError[]): void {
    const all = this.errorsOf(part);
    for (const error of errors) all.push(error);
  }

  #done(call: CompiledCall): void {
    this.#order.done(call, (next) => this.#begin(next));
    const left = (this.#left[call.part] ?? 0) - 1;
    this.#left[call.part] = left;
    if (left === 0) this.#onPart(call.part);
    if (this.#order.isDone) this.#finish();
  }
}

function nothing(): void {}

function read(answer: SubgraphAnswer, hasErrors: boolean): void {
  if (answer.form === "text") answer.onRead?.(hasErrors);
}

function lost({ operation }: CompiledCall): SubgraphAnswer {
  const error = new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph: operation.subgraph });
  return { form: "value", data: null, errors: [error] };
}

function objectsOf({ places }: RootTarget, root: Tree): readonly Tree[] {
  const found = new FoundObjects();
  for (const { walk } of places) walk(root, found);
  return found.objects;
}

/** The first target gets the objects as they are, and so do the others unless each needs its own. */
function place(list: readonly unknown[], target: EntityTarget, { objects, numbers }: Wanted): void {
  let placed = 0;
  for (let at = 0; at < objects.length; at++) {
    const number = numbers[at] as number;
    const isFirst = number === placed;
    if (isFirst) placed += 1;
    const entity = list[number];
    if (typeof entity !== "object" || entity === null) continue;
    if (isFirst) target.rewrites?.apply(entity);
    const brought = target.copies && !isFirst ? copyTree(entity) : entity;
    target.assign(objects[at] as Tree, brought as Tree);
  }
}
