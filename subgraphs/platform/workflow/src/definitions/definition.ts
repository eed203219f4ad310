/**
 * A workflow as data. Steps of a block are a graph: each names the step that follows it in `next`, and without `next`
 * the block ends there; the first step of the list is where the block begins. `parallel` and `loop` hold blocks of
 * their own. Everything that is worked out at run time is a JSONata expression, see `variables` for what it can see.
 */
import { z } from "zod";

/** What a definition may hold at most; larger ones are refused before they are looked at closely. */
export const limits = {
  bytes: 256 * 1024,
  steps: 200,
  depth: 6,
  branches: 20,
  triggers: 10,
  expressionCharacters: 4_000,
  operationCharacters: 20_000,
  loopItems: 1_000,
  attempts: 20,
  /** A year. */
  seconds: 366 * 24 * 3600,
} as const;

/**
 * What an expression can see: `$input` of the execution, `$steps.<id>` outputs of the steps that are done, `$item` and
 * `$index` within a loop, `$result` (what the step itself got, in its `output` and in its undo), `$event` (what set a
 * trigger off, or what is waited for) and `$execution` { id, key, version, startedAt, startedBy }.
 */
export const variables = ["input", "steps", "item", "index", "result", "event", "execution"] as const;

const name = z.string().min(1).max(200);
/** Of steps, branches and triggers. */
export const idPattern = /^[A-Za-z_][A-Za-z0-9_]{0,59}$/;
const id = z.string().regex(idPattern, "an id has letters, digits and _, begins with a letter, and is 60 long at most");
const expression = z.string().min(1).max(limits.expressionCharacters);
const mapping = z.record(id, expression);
const seconds = z.number().int().positive().max(limits.seconds);
const role = z.string().min(1).max(100);
const jsonSchema = z.record(z.string(), z.unknown());

const retry = z.strictObject({
  attempts: z.number().int().min(1).max(limits.attempts),
  /** Before the second attempt; doubled before each further one, with jitter. */
  backoffSeconds: z.number().positive().max(3600).default(1),
});

const graphql = z.strictObject({
  type: z.literal("graphql"),
  /** One operation, sent to the supergraph as this workflow with its `scopes`. */
  operation: z.string().min(1).max(limits.operationCharacters),
  variables: mapping.default({}),
});
const http = z.strictObject({
  type: z.literal("http"),
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
  /** Gives an absolute https URL. */
  url: expression,
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), expression).default({}),
  /** Sent as JSON. */
  body: expression.optional(),
});

/** What takes back what a step did; sees the step's own output as `$result`. `none`: there is nothing to take back. */
const undo = z.union([
  z.literal("none"),
  z.discriminatedUnion("type", [graphql.extend({ retry: retry.optional() }), http.extend({ retry: retry.optional() })]),
]);

const step = {
  id,
  name: name.optional(),
  /** The step after this one, in the same block. */
  next: id.optional(),
  /** What the step gives to the others, made from `$result`; without it `$result` itself. */
  output: expression.optional(),
};
const effect = { ...step, retry: retry.optional(), timeoutSeconds: seconds.optional(), undo: undo.optional() };

const deadline = z.strictObject({
  withinSeconds: seconds,
  /** Warns so long before it is due. */
  warnSeconds: seconds.optional(),
  /** Who gets it, besides those who have it already, once it is overdue. */
  escalateTo: role.optional(),
});
const person = z.union([z.strictObject({ person: expression }), z.strictObject({ role })]);

const graphqlStep = graphql.extend(effect);
const httpStep = http.extend(effect);
const waitStep = z.strictObject({
  ...step,
  type: z.literal("wait"),
  wait: z.union([
    z.strictObject({ seconds: expression }),
    z.strictObject({ until: expression }),
    z.strictObject({
      event: z.string().min(1).max(200),
      /** Whether an event of the type is the one, seen as `$event`. */
      where: expression.optional(),
      /** After so long the wait ends with `null`. */
      withinSeconds: seconds.optional(),
    }),
  ]),
});
const taskStep = z.strictObject({
  ...step,
  type: z.literal("task"),
  title: expression,
  instructions: expression.optional(),
  assignTo: person,
  /** JSON Schema of what has to be filled in. */
  form: jsonSchema.optional(),
  /** What is shown beside the form. */
  data: expression.optional(),
  deadline: deadline.optional(),
});
const approvalStep = z.strictObject({
  ...step,
  type: z.literal("approval"),
  title: expression,
  instructions: expression.optional(),
  data: expression.optional(),
  /** One decision each. Somebody who could decide for several of them decides for one. */
  approvers: z.array(person).min(1).max(limits.branches),
  /** ALL and ANY of the approvers, or so many of them. */
  rule: z.union([z.enum(["ALL", "ANY"]), z.strictObject({ quorum: z.number().int().positive() })]).default("ALL"),
  /** Whether who started the execution may decide it. */
  starterMayDecide: z.boolean().default(false),
  deadline: deadline.optional(),
  /** The step after a rejection; without it a rejection fails the execution. */
  rejected: id.optional(),
});
const conditionStep = z.strictObject({
  id,
  name: name.optional(),
  type: z.literal("condition"),
  /** The first one that holds is taken; a branch without `next` ends the block. */
  branches: z
    .array(z.strictObject({ when: expression, next: id.optional() }))
    .min(1)
    .max(limits.branches),
  otherwise: z.strictObject({ next: id.optional() }).default({}),
});
const workflowStep = z.strictObject({
  ...step,
  type: z.literal("workflow"),
  /** Its key; the version published when the step begins is taken. */
  workflow: z.string().min(1).max(100),
  input: mapping.default({}),
  retry: retry.optional(),
  timeoutSeconds: seconds.optional(),
});

export type GraphqlStep = z.infer<typeof graphqlStep>;
export type HttpStep = z.infer<typeof httpStep>;
export type WaitStep = z.infer<typeof waitStep>;
export type TaskStep = z.infer<typeof taskStep>;
export type ApprovalStep = z.infer<typeof approvalStep>;
export type ConditionStep = z.infer<typeof conditionStep>;
export type SubWorkflowStep = z.infer<typeof workflowStep>;
interface BlockStep {
  readonly id: string;
  readonly name?: string | undefined;
  readonly next?: string | undefined;
  readonly output?: string | undefined;
}
/** All branches run at once; the output is `{ <branch>: { <step>: output } }`. */
export interface ParallelStep extends BlockStep {
  readonly type: "parallel";
  readonly branches: readonly { readonly id: string; readonly steps: readonly Step[] }[];
}
/** The block runs once per item; the output is a list of `{ <step>: output }`. */
export interface LoopStep extends BlockStep {
  readonly type: "loop";
  /** Gives the list. */
  readonly over: string;
  /** A longer list fails the step. */
  readonly limit: number;
  /** How many items at once. */
  readonly concurrency: number;
  readonly steps: readonly Step[];
}
export type Step =
  | GraphqlStep
  | HttpStep
  | WaitStep
  | TaskStep
  | ApprovalStep
  | ConditionStep
  | SubWorkflowStep
  | ParallelStep
  | LoopStep;
export type StepType = Step["type"];
export type Undo = z.infer<typeof undo>;
export type UndoAction = Exclude<Undo, "none">;
export type Approver = z.infer<typeof person>;
export type Deadline = z.infer<typeof deadline>;
export type Retry = z.infer<typeof retry>;

const block = z
  .array(z.lazy((): z.ZodType<Step> => anyStep))
  .min(1)
  .max(limits.steps);
const parallelStep = z.strictObject({
  ...step,
  type: z.literal("parallel"),
  branches: z
    .array(z.strictObject({ id, steps: block }))
    .min(2)
    .max(limits.branches),
});
const loopStep = z.strictObject({
  ...step,
  type: z.literal("loop"),
  over: expression,
  limit: z.number().int().positive().max(limits.loopItems).default(100),
  concurrency: z.number().int().positive().max(20).default(1),
  steps: block,
});
const anyStep: z.ZodType<Step> = z.discriminatedUnion("type", [
  graphqlStep,
  httpStep,
  waitStep,
  taskStep,
  approvalStep,
  conditionStep,
  workflowStep,
  parallelStep,
  loopStep,
]);

const source = { id, name: name.optional(), input: mapping.default({}) };
const trigger = z.discriminatedUnion("type", [
  z.strictObject({
    ...source,
    type: z.literal("event"),
    event: z.string().min(1).max(200),
    where: expression.optional(),
  }),
  z.strictObject({
    ...source,
    type: z.literal("schedule"),
    cron: z.string().min(1).max(100),
    timeZone: z.string().min(1).max(60),
  }),
  z.strictObject({ ...source, type: z.literal("webhook"), where: expression.optional() }),
]);
export type Trigger = z.infer<typeof trigger>;
export type TriggerType = Trigger["type"];

export const definitionSchema = z.strictObject({
  /** In a SAGA each step with effects says how they are undone, and a failure undoes what was done, in reverse. */
  kind: z.enum(["WORKFLOW", "SAGA"]).default("WORKFLOW"),
  /** JSON Schema of an object: what an execution is started with. */
  inputs: jsonSchema.default({ type: "object" }),
  /** What its GraphQL operations may do; its author has to hold all of them. */
  scopes: z
    .array(z.string().regex(/^[a-z][a-z0-9-]*:(read|write|approve|admin)$/))
    .max(100)
    .default([]),
  /** Besides being started by hand. */
  triggers: z.array(trigger).max(limits.triggers).default([]),
  steps: block,
  /** What the execution gives in the end. */
  output: expression.optional(),
  /** An execution that takes longer is marked as late. */
  slaSeconds: seconds.optional(),
});

export type Definition = z.infer<typeof definitionSchema>;

/** Of a definition that has been checked already, such as a published one. Throws when it has another shape. */
export function readDefinition(content: unknown): Definition {
  return definitionSchema.parse(content);
}
