import type { DeadLetter } from "@tessera/events";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";

export interface DeadLetterPage {
  readonly nodes: readonly DeadLetter[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

export interface DeadLetterQuestion {
  readonly consumer?: string | null | undefined;
  readonly type?: string | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

const usualPage = 50;
const largestPage = 200;

/** Oldest first. @throws CURSOR_INVALID, FILTER_INVALID */
export async function listDeadLetters(ctx: Context, question: DeadLetterQuestion): Promise<DeadLetterPage> {
  const { consumer, type, after } = question;
  const first = question.first ?? usualPage;
  if (first < 1 || first > largestPage)
    throw errors.FILTER_INVALID({ reason: `a page has 1 to ${largestPage} letters` });
  if (after != null && !/^\d{1,18}$/.test(after)) throw errors.CURSOR_INVALID();
  const found = await ctx.operations.deadLetters.list({
    ...(consumer != null && { module: consumer }),
    ...(type != null && { type }),
    ...(after != null && { after }),
    limit: first + 1,
  });
  const nodes = found.slice(0, first);
  return { nodes, endCursor: nodes.at(-1)?.id ?? after ?? null, hasNextPage: found.length > first };
}
