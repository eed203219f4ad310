/** What tasks and approvals have in common when they are asked for: where they come from, texts, deadline. */
import type { Context } from "@tessera/subgraph";
import type { Deadline } from "../definitions/definition.js";
import { jsonLength } from "../definitions/form-schema.js";
import { personOf } from "./who.js";

/** A person, or anybody of a role. */
export type Asked = { readonly personId: string } | { readonly role: string };

/** The step that asks; its answer goes back there. */
export interface Origin {
  readonly executionId: string;
  readonly stepPath: string;
}

export interface Due {
  readonly dueAt: Date;
  readonly warnAt: Date | null;
  readonly escalateTo: string | null;
}

/** A deadline of a definition, counted from now. */
export function dueFrom(now: Date, { withinSeconds, warnSeconds, escalateTo }: Deadline): Due {
  const dueAt = new Date(now.getTime() + withinSeconds * 1000);
  const warnAt = warnSeconds === undefined ? null : new Date(dueAt.getTime() - warnSeconds * 1000);
  return { dueAt, warnAt, escalateTo: escalateTo ?? null };
}

export interface HumanRequest {
  readonly origin?: Origin;
  readonly title: string;
  readonly instructions?: string;
  readonly data?: unknown;
  readonly due?: Due | null;
}

const mostData = 256 * 1024;

/** What is wrong with it; null when nothing is. */
export function reasonAgainst({ title, instructions = "", data, due }: HumanRequest): string | null {
  if (title.trim() === "" || title.length > 500) return "a title has 1 to 500 characters";
  if (instructions.length > 10_000) return "instructions have 10,000 characters at most";
  if (jsonLength(data) > mostData) return `its data have ${mostData} characters at most`;
  if (due?.warnAt && due.warnAt > due.dueAt) return "the warning comes before it is due";
  if (due?.escalateTo != null && !isRole(due.escalateTo)) return "a role has 1 to 100 characters";
  return null;
}

export const isRole = (role: string) => role.trim() !== "" && role.length <= 100;

/** The columns both tables share. */
export function requestColumns(ctx: Context, { origin, title, instructions = "", data, due }: HumanRequest) {
  return {
    executionId: origin?.executionId ?? null,
    stepPath: origin?.stepPath ?? null,
    title: title.trim(),
    instructions,
    data: data ?? null,
    dueAt: due?.dueAt ?? null,
    warnAt: due?.warnAt ?? null,
    escalateTo: due?.escalateTo ?? null,
    createdAt: ctx.now(),
  };
}

/** Who asks: the person who acts; for a workflow whoever started it. */
export function requesterOf(ctx: Context, startedBy: string | null | undefined): string | null {
  return startedBy === undefined ? personOf(ctx) : startedBy;
}
