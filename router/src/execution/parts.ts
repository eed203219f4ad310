/** With @defer: the first part of an answer, then the others as their fetches are done. */
import { GraphQLError } from "graphql";
import type { CompiledPart } from "./compiled-parts.js";
import type { ExecutedPart } from "./executable.js";
import { PartPlaces } from "./part-places.js";
import type { Run } from "./run.js";
import type { ResponsePath } from "./walk.js";

/** Ends the run when the reader leaves. */
export async function* runInParts(run: Run, parts: readonly CompiledPart[]): AsyncGenerator<ExecutedPart, void, void> {
  const delivery = new Delivery(run, parts);
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};
  let isOver = false;
  run
    .start(() => wake())
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      isOver = true;
      wake();
    });
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      yield* delivery.ready();
      if (failure) throw failure.error;
      if (delivery.isComplete) return;
      if (isOver) return yield* delivery.end();
      await woken;
    }
  } finally {
    run.stop();
  }
}

class Delivery {
  readonly #run: Run;
  readonly #waiting: Set<CompiledPart>;
  readonly #places: PartPlaces;
  #owesEnd = false;

  constructor(run: Run, parts: readonly CompiledPart[]) {
    const { variables } = run.execution;
    this.#run = run;
    this.#waiting = new Set(parts.filter((part) => part.index === 0 || part.isOn(variables)));
    this.#places = new PartPlaces(run, parts);
  }

  get isComplete(): boolean {
    return this.#waiting.size === 0 && !this.#owesEnd;
  }

  /** Parts whose fetches are done, after the parts they belong to. */
  ready(): ExecutedPart[] {
    const found = [...this.#waiting].flatMap((part) => this.#tryDeliver(part));
    const isLast = this.#waiting.size === 0;
    const delivered = found.map((part, index) => ({ ...part, hasNext: !isLast || index < found.length - 1 }));
    if (delivered.length > 0) this.#owesEnd = !isLast;
    return isLast && delivered.length === 0 ? this.end() : delivered;
  }

  /** What was announced does not come: the request was aborted, or the object it belongs to is not shown. */
  end(): ExecutedPart[] {
    this.#waiting.clear();
    if (!this.#owesEnd) return [];
    this.#owesEnd = false;
    return [{ data: { text: "{}" }, errors: [], hasNext: false, isEmpty: true }];
  }

  #tryDeliver(part: CompiledPart): ExecutedPart[] {
    const isParentOut = part.parent === null || !this.#isWaiting(part.parent);
    if (!isParentOut || !this.#run.isDone(part.index)) return [];
    this.#waiting.delete(part);
    return part.index === 0 ? [this.#first(part)] : this.#later(part);
  }

  #isWaiting(index: number): boolean {
    for (const part of this.#waiting) if (part.index === index) return true;
    return false;
  }

  #first(part: CompiledPart): ExecutedPart {
    const { root, execution } = this.#run;
    const known = [...(execution.refused ?? []), ...this.#run.errorsOf(0)];
    const { data, errors } = part.projection.project(root, execution.variables, known);
    const all = [...known, ...errors];
    this.#places.show(part, [], data, all.length > 0);
    return { data, errors: all, hasNext: true };
  }

  #later(part: CompiledPart): ExecutedPart[] {
    const { execution } = this.#run;
    const all = this.#run.errorsOf(part.index);
    return this.#places.of(part).flatMap(({ object, path }) => {
      const known = all.filter((error) => !error.path || startsWith(error.path, path));
      const inside = known.map((error) => moved(error, error.path?.slice(path.length)));
      const { data, errors } = part.projection.project(object, execution.variables, inside);
      // An object of another type than the part is about.
      if (data.text === "{}" && known.length === 0) return [];
      const shown = [...known, ...errors.map((error) => moved(error, [...path, ...(error.path ?? [])]))];
      this.#places.show(part, path, data, shown.length > 0);
      return [{ data, errors: shown, path, ...(part.label === undefined ? {} : { label: part.label }), hasNext: true }];
    });
  }
}

function startsWith(path: ResponsePath, start: ResponsePath): boolean {
  return start.every((key, index) => path[index] === key);
}

function moved(error: GraphQLError, path: ResponsePath | undefined): GraphQLError {
  const { message, extensions, originalError } = error;
  return new GraphQLError(message, { ...(path ? { path } : {}), extensions, originalError });
}
