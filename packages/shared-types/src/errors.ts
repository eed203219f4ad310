/** Coded errors: a stable code for programs, a sentence for people, and the details that the sentence names. */

export type ErrorDetails = Readonly<Record<string, unknown>>;

/** Fills `{name}` in a sentence from the details; what they lack stays as it is. */
export function fillSentence(sentence: string, details: ErrorDetails): string {
  return sentence.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(details[name] ?? placeholder));
}

/** What a class made by `errorClass` makes. */
export interface ErrorWithCode<Code extends string> extends Error {
  /** Stable. */
  readonly code: Code;
  /** What the message names. */
  readonly details: ErrorDetails;
}

type ErrorClass<Code extends string> = new (
  code: Code,
  details?: ErrorDetails,
  options?: ErrorOptions,
) => ErrorWithCode<Code>;

/**
 * Makes a package's class of errors from its table `code → sentence`; `name` is the error's name in logs.
 *
 *     export class EventsError extends errorClass("EventsError", { BUS_UNAVAILABLE: "… {problem} …" }) {}
 *     throw new EventsError("BUS_UNAVAILABLE", { problem }, { cause });
 */
export function errorClass<Code extends string>(
  name: string,
  sentences: Readonly<Record<Code, string>>,
): ErrorClass<Code> {
  return class extends Error {
    override readonly name = name;
    constructor(
      readonly code: Code,
      readonly details: ErrorDetails = {},
      options?: ErrorOptions,
    ) {
      super(fillSentence(sentences[code], details), options);
    }
  };
}
