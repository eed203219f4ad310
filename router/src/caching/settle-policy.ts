/** How long the answer of a client may be kept, once all subgraphs have spoken. */
import type { AnswerHead, CachePolicy } from "../request/request-context.js";
import { notCached, stricter } from "./cache-control.js";

/** What one call was told about keeping its answer; `null` when nothing. */
export function notePolicy(head: AnswerHead, policy: CachePolicy | null): void {
  if (!policy) head.hasUnsaidPolicy = true;
  else head.cachePolicy = head.cachePolicy ? stricter(head.cachePolicy, policy) : policy;
}

/** What another answer says that goes out with this one. */
export function takePolicy(head: AnswerHead, other: Pick<AnswerHead, "cachePolicy" | "hasUnsaidPolicy">): void {
  if (other.hasUnsaidPolicy) head.hasUnsaidPolicy = true;
  if (other.cachePolicy) notePolicy(head, other.cachePolicy);
}

/**
 * `null` when there is nothing to say. Of several operations in one request, what all of them allow; what comes with a
 * cookie is for one client, at this moment.
 */
export function policyOf({ cachePolicy, hasUnsaidPolicy, setCookie }: AnswerHead): CachePolicy | null {
  return cachePolicy && (hasUnsaidPolicy || setCookie.length > 0) ? notCached : cachePolicy;
}

export interface Answered {
  readonly operation: { readonly kind: string };
  /** Nothing of the operation asks who its sender is. */
  readonly isOpen: boolean;
  readonly hasErrors: boolean;
}

/**
 * Call it when every call is done. Errors are never kept, nor is what a mutation answers. What may differ between people
 * is for nobody else.
 */
export function settlePolicy(head: AnswerHead, { operation, isOpen, hasErrors }: Answered): void {
  const { cachePolicy } = head;
  if (hasErrors && operation.kind === "query") head.cachePolicy = notCached;
  if (!cachePolicy) return;
  if (hasErrors || operation.kind !== "query") head.cachePolicy = notCached;
  else if (!isOpen) head.cachePolicy = { ...cachePolicy, scope: "private" };
}
