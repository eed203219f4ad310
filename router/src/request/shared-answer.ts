/** The answer that everybody gets who asks the same at the same time. */
import { takePolicy } from "../caching/settle-policy.js";
import { shareBytes } from "./json-text.js";
import type { ClientAnswer } from "./outcome.js";
import type { AnswerHead } from "./request-context.js";
import type { Course } from "./run-operation.js";

export interface SharedAnswer {
  readonly answer: ClientAnswer;
  /** What came onto the head while the operation ran. */
  readonly added: Pick<AnswerHead, "setCookie" | "headers" | "cachePolicy" | "hasUnsaidPolicy">;
  /** Of the first who asked. */
  readonly course: Course;
}

/** Call it before the run; what it returns tells what came onto the head since: the rest is the first client's own. */
export function watchHead(head: AnswerHead): () => SharedAnswer["added"] {
  const cookies = head.setCookie.length;
  const before = new Map(head.headers);
  return () => ({
    setCookie: head.setCookie.slice(cookies),
    headers: new Map([...head.headers].filter(([name, value]) => before.get(name) !== value)),
    cachePolicy: head.cachePolicy,
    hasUnsaidPolicy: head.hasUnsaidPolicy,
  });
}

/** A cookie is for one client alone. */
export function isFor({ added, course: first }: SharedAnswer, course: Course): boolean {
  return course === first || added.setCookie.length === 0;
}

/** The headers that go with a shared answer go with each copy of it. */
export function takeShared({ answer, added, course: first }: SharedAnswer, course: Course): ClientAnswer {
  if (course === first) return answer;
  shareBytes(answer.body);
  const { head } = course.context;
  for (const [name, value] of added.headers) head.headers.set(name, value);
  takePolicy(head, added);
  course.generation = first.generation;
  course.operation = first.operation;
  course.prepared = first.prepared;
  course.cost = first.cost;
  return answer;
}
