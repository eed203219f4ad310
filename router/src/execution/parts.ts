/** With @defer: the first part of an answer, then the others as their fetches are done. */
import { GraphQLError } from "graphql";
import type { CompiledPart } from "./compiled-parts.js";
import type { AnnouncedPart, ExecutedPart } from "./executable.js";
import { PartPlaces } from "./part-places.js";
import type { Run } from "./run.js";
import type { ResponsePath } from "./walk.js";

/** Ends the run when the reader leaves. */
export async function* runInParts(
  run: Run,
  parts: readonly CompiledPart[],
  announces: boolean,
): AsyncGenerator<ExecutedPart, void, void> {
  const delivery = new Delivery(run, parts, announces);
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
  readonly #announces: boolean;
  /** Of parts that were announced and have not come. */
  readonly #owed = new Set<string>();
  #owesEnd = false;

  constructor(run: Run, parts: readonly CompiledPart[], announces: boolean) {
    const { variables } = run.execution;
    this.#run = run;
    this.#announces = announces;
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
    if (found.length === 0) return isLast ? this.end() : [];
    this.#owesEnd = !isLast;
    return found.map((part, index) => {
      const isEnd = isLast && index === found.length - 1;
      return { ...part, hasNext: !isEnd, withdrawn: isEnd ? this.#withdraw() : [] };
    });
  }

  /** What was announced does not come: the request was aborted, or the object it belongs to is not shown. */
  end(): ExecutedPart[] {
    this.#waiting.clear();
    if (!this.#owesEnd) return [];
    this.#owesEnd = false;
    const withdrawn = this.#withdraw();
    return [{ data: { text: "{}" }, errors: [], hasNext: false, announced: [], withdrawn, isEmpty: true }];
  }

  #withdraw(): string[] {
    const withdrawn = [...this.#owed];
    this.#owed.clear();
    return withdrawn;
  }

  #tryDeliver(part: CompiledPart): Delivered[] {
    const isParentOut = part.parent === null || !this.#isWaiting(part.parent);
    if (!isParentOut || !this.#run.isDone(part.index)) return [];
    this.#waiting.delete(part);
    const delivered = part.index === 0 ? [this.#first(part)] : this.#later(part);
    const announced = this.#announces ? this.#announce(part) : [];
    return delivered.map((one, index) => ({ ...one, announced: index === delivered.length - 1 ? announced : [] }));
  }

  #isWaiting(index: number): boolean {
    for (const part of this.#waiting) if (part.index === index) return true;
    return false;
  }

  /** What belongs to the objects a part has shown. */
  #announce({ index }: CompiledPart): AnnouncedPart[] {
    const announced = [...this.#waiting]
      .filter(({ parent }) => parent === index)
      .flatMap((part) => this.#places.of(part).map(({ path }) => this.#placeOf(part, path)));
    for (const { id } of announced) this.#owed.add(id);
    return announced;
  }

  #placeOf(part: CompiledPart, path: ResponsePath): AnnouncedPart {
    return { id: this.#places.idOf(part, path), path, label: part.label };
  }

  #first(part: CompiledPart): Shown {
    const { root, execution } = this.#run;
    const known = [...(execution.refused ?? []), ...this.#run.errorsOf(0)];
    const { data, errors } = part.projection.project(root, execution.variables, known, (at) => this.#run.lacks(at));
    const all = [...known, ...errors];
    this.#places.show(part, [], data, all.length > 0);
    return { data, errors: all };
  }

  #later(part: CompiledPart): Shown[] {
    const { execution } = this.#run;
    const all = this.#run.errorsOf(part.index);
    return this.#places.of(part).flatMap(({ object, path }) => {
      const known = all.filter((error) => !error.path || startsWith(error.path, path));
      const inside = known.map((error) => moved(error, error.path?.slice(path.length)));
      const { data, errors } = part.projection.project(object, execution.variables, inside, (at) =>
        this.#run.lacks([...path, ...at]),
      );
      // An object of another type than the part is about.
      if (data.text === "{}" && known.length === 0) return [];
      const shown = [...known, ...errors.map((error) => moved(error, [...path, ...(error.path ?? [])]))];
      this.#places.show(part, path, data, shown.length > 0);
      const place = this.#placeOf(part, path);
      this.#owed.delete(place.id);
      return [{ data, errors: shown, place }];
    });
  }
}

type Shown = Pick<ExecutedPart, "data" | "errors" | "place">;
type Delivered = Omit<ExecutedPart, "hasNext" | "withdrawn">;

function startsWith(path: ResponsePath, start: ResponsePath): boolean {
  return start.every((key, index) => path[index] === key);
}

function moved(error: GraphQLError, path: ResponsePath | undefined): GraphQLError {
  const { message, extensions, originalError } = error;
  return new GraphQLError(message, { ...(path ? { path } : {}), extensions, originalError });
}
