/** Runs a query that ran before: while every subgraph says what it said then, its answer is the one it had then. */
import { type JsonText, toBytes } from "../request/json-text.js";
import type {
  CallSubgraph,
  SubgraphAnswer,
  SubgraphCall,
  SubgraphOperation,
  TextAnswer,
} from "../subgraphs/subgraph-call.js";
import { CallOrder } from "./call-order.js";
import type { CompiledCall } from "./compiled-call.js";
import type { Executed, Execution } from "./executable.js";
import { copyTree } from "./merge-trees.js";
import type { Program } from "./program.js";
import type { RecordedCall, Recording, Recordings } from "./recordings.js";
import { variablesOf } from "./subgraph-request.js";
import type { Reader } from "./text/read-answer.js";
import type { Tree } from "./text/tree.js";

/** What contexts bring makes calls of its own. Without a call there is nothing to compare, and hardly any work. */
export function isRecordable({ calls, parts }: Program): boolean {
  return parts.length === 1 && calls.length > 0 && calls.every(({ context }) => !context);
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
  const recorded = new Map<SubgraphOperation, RecordedCall | null>();
  const planned = new Map(calls.map((one) => [one.operation, one]));
  const call: CallSubgraph = async (request) => {
    const one = planned.get(request.operation);
    const representations = again(request, one?.isLocal ?? false);
    const answer = await execution.call(request);
    recorded.set(request.operation, one ? recordedCall(representations, answer, one.reader) : null);
    return answer;
  };
  const executed = await run({ ...execution, call });
  if ([...recorded.values()].includes(null) || executed.errors.length > 0) return executed;
  // Flat, and without the pieces it was put together from.
  const data = { text: toBytes(executed.data).toString("latin1") };
  recordings.keep(key, { calls: calls.map(({ operation }) => recorded.get(operation) ?? undefined), data });
  return { data, errors: none };
}

/** How to ask for the same entities again, taken down before anybody has them in hand. */
function again({ representations }: SubgraphCall, isLocal: boolean): RecordedCall["representations"] {
  if (!isLocal) return () => representations;
  const text = JSON.stringify(representations);
  return () => JSON.parse(text);
}

/** Null for what cannot be compared. */
function recordedCall(
  representations: RecordedCall["representations"],
  answer: SubgraphAnswer,
  { isSame }: Reader,
): RecordedCall | null {
  if (answer.form === "text") {
    const { text } = answer;
    return { representations, isSaidBy: (next) => next.form === "text" && next.text === text, bytes: 2 * text.length };
  }
  if (answer.errors?.length || !answer.data) return null;
  // What is handed on is changed while answers are merged.
  const data = copyTree(answer.data) as Tree;
  return {
    representations,
    isSaidBy: (next) => next.form === "value" && !next.errors?.length && !!next.data && isSame(data, next.data),
    bytes: weigh(data),
  };
}

/** Bytes of values, about. */
function weigh(value: unknown): number {
  if (typeof value === "string") return 24 + value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce((bytes: number, one) => bytes + 8 + weigh(one), 32);
}

/** The data of the recording; or, when a subgraph said something else, how to call with what is known so far. */
type Recalled = JsonText | { readonly call: CallSubgraph };

class Recall {
  readonly #order: CallOrder;
  readonly #recording: Recording;
  readonly #execution: Execution;
  readonly #asked = new Map<SubgraphOperation, Promise<SubgraphAnswer>>();
  readonly #equal: TextAnswer[] = [];
  #isOver = false;
  #resolve: (recalled: Recalled) => void = () => {};

  constructor(calls: readonly CompiledCall[], recording: Recording, execution: Execution) {
    this.#order = new CallOrder(calls);
    this.#recording = recording;
    this.#execution = execution;
  }

  run(): Promise<Recalled> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#order.start((call) => this.#begin(call));
    });
  }

  #begin(call: CompiledCall): void {
    const recorded = this.#recording.calls[call.index];
    if (!recorded) {
      this.#done(call);
      return;
    }
    const { operation, variableNames } = call;
    const { context, variables } = this.#execution;
    const asked = this.#execution.call({
      operation,
      variables: variablesOf(variableNames, variables),
      representations: recorded.representations(),
      context,
    });
    this.#asked.set(operation, asked);
    asked.then(
      (answer) => this.#receive(call, answer, recorded),
      () => this.#deviate(),
    );
  }

  #receive(call: CompiledCall, answer: SubgraphAnswer, recorded: RecordedCall): void {
    if (this.#isOver) return;
    const { aborted } = this.#execution.context.facts.signal;
    if (!aborted && recorded.isSaidBy(answer)) {
      if (answer.form === "text") this.#equal.push(answer);
      this.#done(call);
    } else this.#deviate();
  }

  #done(call: CompiledCall): void {
    this.#order.done(call, (next) => this.#begin(next));
    if (!this.#order.isDone) return;
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
