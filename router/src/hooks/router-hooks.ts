/**
 * What a program that runs the router may do to requests on their way, named by the moment it is done at.
 *
 * Every hook may be asynchronous; the request waits for it. A hook that throws a `GraphQLError` refuses what it was
 * called for with that error, its code and its `extensions.http.status` if it has one; anything else it throws is a fault, logged
 * with its cause and shown to clients as INTERNAL_SERVER_ERROR. A hook nobody gave costs nothing.
 *
 * `context.head` is the same object with every hook of one request, so a `WeakMap` by it may keep what one hook has to tell
 * another. With hooks, queries share an answer only where all headers of their clients are equal.
 */
import type { QueryPlan } from "@apollo/query-planner";
import type { DocumentNode, OperationDefinitionNode, OperationTypeNode } from "graphql";
import type { ClientAnswer, OperationRequest } from "../request/outcome.js";
import type { RequestContext } from "../request/request-context.js";
import type { SubgraphHooks, SubgraphRequestEvent, SubgraphResponseEvent } from "../subgraphs/subgraph-hooks.js";

type OrPromise<T> = T | Promise<T>;

/** What a hook may answer: something else to go on with, or nothing, which leaves things as they are. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is of this type
export type Replaced<T> = OrPromise<T | undefined | void>;

/** What a program may do to requests, by moment. */
export interface RouterHooks extends SubgraphHooks {
  /**
   * When it is known who asks, before the operation is looked at. For each operation, also of a batch or a socket.
   *
   * May change: `context.head`, what goes on the head of the answer; the request, by returning another one (without
   * `bodyText`, which stands for the old one). Reading a field of the request may parse its body, so look at headers first.
   * Throwing refuses the operation; nothing of it runs.
   */
  onRequest?(event: RequestEvent): Replaced<OperationRequest>;

  /**
   * When the operation has been parsed and is valid and within the limits, before anything of it is planned. For each
   * request, also where the operation itself was known; not for a request that shares the answer of an equal one.
   *
   * May change: `context.head`. Throwing refuses the operation; nothing of it runs.
   */
  onOperation?(event: OperationEvent): OrPromise<void>;

  /**
   * When a plan has been made: once for each operation, set of rights and overrides, not for each request.
   *
   * May change: the plan, by returning another one. Throwing refuses the operation, and every later one of the same plan
   * is planned again.
   */
  onPlan?(event: PlanEvent): Replaced<QueryPlan>;

  /**
   * Before each call to a subgraph, except where the answer of an equal call is shared or kept in a cache.
   *
   * May change: `headers`, what will be sent. Throwing fails this call: its fields are null with the error, the others stay.
   */
  onSubgraphRequest?(event: SubgraphRequestEvent): OrPromise<void>;

  /**
   * When a subgraph has answered, before the answer is used. Not when it could not be reached.
   *
   * May change: `context.head`. Throwing fails this call: its fields are null with the error, the others stay.
   */
  onSubgraphResponse?(event: SubgraphResponseEvent): OrPromise<void>;

  /**
   * When the answer to a query or a mutation is complete, before its first byte is sent. With `@defer` that is the first part.
   *
   * May change: `context.head`; the answer, by returning another one. Throwing replaces the answer by the error: what a
   * mutation has done is done.
   */
  onResponse?(event: ResponseEvent): Replaced<ClientAnswer>;

  /**
   * For each event of each client's subscription, when it is complete, before it is sent.
   *
   * May change: the event, by returning another answer; `null` leaves it out. The head was sent long ago. Throwing ends
   * the subscription with the error.
   */
  onSubscriptionEvent?(event: SubscriptionEvent): Replaced<ClientAnswer | null>;
}

/** An operation as it came. */
export interface RequestEvent {
  readonly request: OperationRequest;
  readonly context: RequestContext;
}

/** An operation that is valid and within the limits. */
export interface OperationEvent {
  readonly context: RequestContext;
  /** The operation that runs, and the fragments it uses. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly kind: OperationTypeNode;
  readonly name: string | undefined;
}

/** A plan that was just made. */
export interface PlanEvent {
  /** What was planned, printed: the operation without what its sender may not see. */
  readonly text: string;
  /** Plain data. */
  readonly plan: QueryPlan;
}

/** An answer that is about to be sent. */
export interface ResponseEvent {
  readonly context: RequestContext;
  readonly answer: ClientAnswer;
}

/** An event that is about to be sent to one client. */
export interface SubscriptionEvent {
  readonly context: RequestContext;
  readonly answer: ClientAnswer;
}

export type HookName = keyof RouterHooks;

export const hookNames = [
  "onRequest",
  "onOperation",
  "onPlan",
  "onSubgraphRequest",
  "onSubgraphResponse",
  "onResponse",
  "onSubscriptionEvent",
] as const satisfies readonly HookName[];
