/** Runs a query that ran before: while every subgraph says what it said then, its answer is the one it had then. */
import type { JsonText } from "../request/json-text.js";
import type { CallSubgraph, SubgraphAnswer, SubgraphOperation, TextAnswer } from "../subgraphs/subgraph-call.js";
import type { CompiledCall } from "./compiled-call.js";
import type { Executed, Execution } from "./executable.js";
import type { Program } from "./program.js";
import type { RecordedCall, Recording, Recordings } from "./recordings.js";

/** Texts alone are compared, so every call has to go to another process. What contexts bring makes calls of its own. */
export function isRecordable({ calls, parts }: Program): boolean {
  return parts.length === 1 && calls.every(({ isLocal, context }) => !isLocal && !context);
}

/** `run` works out an answer from what its execution's `call` brings. */
export async function runRecalled(
  recordings: Recordings,
  key: string,
  { calls }: Program,
  execution: Execution,
  run: (execution: Execution) => Promise<Executed>,
): Promise<Executed> {
  const advice = recordings.advice(key);
  if (advice === "run") return run(execution);
  if (advice === "record") return record(recordings, key, calls, execution, run);
  const recalled = await new Recall(calls, advice, execution).run();
  if ("text" in recalled) {
    recordings.confirmed(key);
    return { data: recalled, errors: none };
  }
  recordings.missed(key);
  return run({ ...execution, call: recalled.call });
}

const none: readonly never[] = [];

async function record(
  recordings: Recordings,
  key: string,
  calls: readonly CompiledCall[],
  execution: Execution,
  run: (execution: Execution) => Promise<Executed>,
): Promise<Executed> {
  const recorded = new Map<SubgraphOperation, RecordedCall>();
  let isComplete = true;
  const call: CallSubgraph = async (request) => {
    const answer = await execution.call(request);
    const { context: _, ...asked } = request;
    if (answer.form === "text") recorded.set(request.operation, { request: asked, text: answer.text });
    else isComplete = false;
    return answer;
  };
  const executed = await run({ ...execution, call });
  if (!isComplete || executed.errors.length > 0) return executed;
  const { text, encoding } = executed.data;
  // Flat, and without the pieces it was put together from.
  const data = { text: Buffer.from(text, encoding).toString(encoding), encoding };
  recordings.keep(key, { calls: calls.map(({ operation }) => recorded.get(operation)), data });
  return { data, errors: none };
}

/** The data of the recording; or, when a subgraph said something else, how to call with what is known so far. */
type Recalled = JsonText | { readonly call: CallSubgraph };

class Recall {
  readonly #calls: readonly CompiledCall[];
  readonly #recording: Recording;
  readonly #execution: Execution;
  readonly #asked = new Map<SubgraphOperation, Promise<SubgraphAnswer>>();
  readonly #equal: TextAnswer[] = [];
  readonly #waits: number[];
  #left: number;
  #isOver = false;
  #resolve: (recalled: Recalled) => void = () => {};

  constructor(calls: readonly CompiledCall[], recording: Recording, execution: Execution) {
    this.#calls = calls;
    this.#recording = recording;
    this.#execution = execution;
    this.#waits = calls.map(({ waits }) => waits);
    this.#left = calls.length;
  }

  run(): Promise<Recalled> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      for (const call of this.#calls) if (call.waits === 0) this.#begin(call);
    });
  }

  #begin(call: CompiledCall): void {
    const recorded = this.#recording.calls[call.index];
    if (!recorded) {
      this.#done(call);
      return;
    }
    const { context } = this.#execution;
    const asked = this.#execution.call({ ...recorded.request, context });
    this.#asked.set(call.operation, asked);
    asked.then(
      (answer) => this.#receive(call, answer, recorded),
      () => this.#deviate(),
    );
  }

  #receive(call: CompiledCall, answer: SubgraphAnswer, { text }: RecordedCall): void {
    if (this.#isOver) return;
    const { aborted } = this.#execution.context.facts.signal;
    if (!aborted && answer.form === "text" && answer.text === text) {
      this.#equal.push(answer);
      this.#done(call);
    } else this.#deviate();
  }

  #done(call: CompiledCall): void {
    for (const dependent of call.dependents) {
      const waits = (this.#waits[dependent] ?? 0) - 1;
      this.#waits[dependent] = waits;
      const next = this.#calls[dependent];
      if (waits === 0 && next) this.#begin(next);
    }
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#isOver = true;
    for (const { onRead } of this.#equal) onRead?.(false);
    this.#resolve(this.#recording.data);
  }

  /** What was asked until now followed from answers that are as they were: the ordinary run would ask the same. */
  #deviate(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { call } = this.#execution;
    this.#resolve({ call: (request) => this.#asked.get(request.operation) ?? call(request) });
  }
}
