/** A planned operation, ready to run: everything that can be decided before a request has been decided. */
import type { SubgraphResult } from "@tessera/shared-types";
import type { GraphQLError, OperationTypeNode } from "graphql";
import type { JsonText } from "../request/json-text.js";
import type { RequestContext } from "../request/request-context.js";
import type { CallSubgraph, SubgraphCall, SubgraphOperation } from "../subgraphs/subgraph-call.js";
import type { PlannedCall } from "./planned-calls.js";

export interface Execution {
  /** Coerced by the API schema, defaults included. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly call: CallSubgraph;
  readonly files?: SubgraphCall["files"];
  /** Errors of selections that were taken out before planning: part of the answer, and nulls they explain cause no other. */
  readonly refused?: readonly GraphQLError[];
}

export interface Executed {
  /** JSON of `data`. */
  readonly data: JsonText;
  /** Of subgraphs, at the client's paths, and of value completion. */
  readonly errors: readonly GraphQLError[];
}

export interface Executable {
  readonly kind: OperationTypeNode;
  /** Some of the operation's @defer may apply, so `runInParts` has to be used. */
  readonly isDeferred: boolean;
  /** Compiles what is left to compile for these variables: it need not be done with the first request. */
  prepare(variables: Execution["variables"]): void;
  /** Queries and mutations. Never rejects for a failure of a subgraph. */
  run(execution: Execution): Promise<Executed>;
  /** With @defer: the first part, then the others as they become ready; where it `announces`, told of ahead. */
  runInParts(execution: Execution, announces?: boolean): AsyncGenerator<ExecutedPart, void, void>;
  /** What would be sent to subgraphs for these variables. */
  calls(variables: Execution["variables"]): readonly PlannedCall[];
  /** Subscriptions: what to ask of the subgraph that owns the stream. */
  readonly source: EventSource | null;
  /** Completes one event of the source with the fields of other subgraphs. */
  complete(event: SubgraphResult, execution: Execution): Promise<Executed>;
}

export interface EventSource {
  readonly operation: SubgraphOperation;
  /** Those of the client's variables the source takes. */
  variablesOf(variables: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** Where a part belongs that comes later. */
export interface AnnouncedPart {
  /** Different for each part of an answer. */
  readonly id: string;
  readonly path: readonly (string | number)[];
  readonly label: string | undefined;
}

export interface ExecutedPart extends Executed {
  /** Absent for the first part. */
  readonly place?: AnnouncedPart;
  readonly hasNext: boolean;
  /** Where parts are announced: what is known from now on to come, unless its object is of another type. */
  readonly announced: readonly AnnouncedPart[];
  /** Ids of parts that were announced and bring nothing. */
  readonly withdrawn: readonly string[];
  /** No part at all, only word that none follows: what was announced has lost the object it belongs to. */
  readonly isEmpty?: true;
}
