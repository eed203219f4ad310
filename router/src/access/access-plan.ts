/**
 * Access of operations, worked out ahead of requests: an operation's requirements are collected once, a request only
 * evaluates them, and what is left of the operation is kept for each outcome.
 */
import type { Actor } from "@tessera/shared-types";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { RouterError } from "../errors/router-error.js";
import type { AccessMap } from "./access-map.js";
import { SchemaAccess } from "./coordinate-access.js";
import { type Filtered, filterOperation, fragmentsOf } from "./filter-operation.js";
import { findPlaces, isAsked, type RemovedPlace } from "./removed-places.js";
import { errorsAt } from "./report-removed.js";
import { type Decisions, keyOf, meets, type Requirement, type Undecided } from "./requirement.js";

/** A valid operation of the API schema. What is known of it is kept for as long as its `operation` lives. */
export interface OperationToCheck {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** What one actor may see of an operation. The same object for everybody who sees the same. */
export interface Permitted extends Filtered {
  /**
   * Names what was removed by the requirements that were not met, so for equal operations equal text means equal
   * removals. Empty when the whole operation is executed.
   */
  readonly variant: string;
  /** Where `removed` stands in the answer. */
  readonly places: readonly RemovedPlace[];
}

export interface AccessPlan {
  /** The policies to be decided before `permit`, each once, sorted. */
  readonly policies: readonly string[];
  /** Nothing of the operation asks who its sender is. */
  readonly isOpen: boolean;
  /** For whoever meets every requirement. */
  readonly whole: Permitted;
  permit(actor: Actor | null, decisions?: Decisions): Permitted;
}

export interface AccessOptions {
  /** `filter` (default) takes out what the actor may not see; `reject` refuses the operation with every such place. */
  readonly mode?: "filter" | "reject";
  /** Nothing is taken out or refused; the report says what would have been. Default false. */
  readonly dryRun?: boolean;
  /** What a policy means that the router did not decide. Default `refuse`; `pass` where subgraphs decide theirs. */
  readonly undecidedPolicies?: Undecided;
}

/** What the client is told about removals. */
export interface AccessReport {
  /** They belong into the answer. */
  readonly errors: readonly RouterError[];
  /** The operation must not be executed; the answer has the errors and no data. */
  readonly isRejected: boolean;
  /** What a dry run would have removed, for `extensions.authorization` and the log; `null` when nothing. */
  readonly wouldRemove: readonly WouldRemove[] | null;
}

export interface WouldRemove {
  readonly coordinate: string;
  readonly path: readonly string[];
}

export interface Access {
  plan(operation: OperationToCheck): AccessPlan;
  /** `plan(operation).permit(actor, decisions)`. */
  permit(operation: OperationToCheck, actor: Actor | null, decisions?: Decisions): Permitted;
  /** `variables` are coerced: what they skip is not reported, and is no reason to reject. */
  report(permitted: Permitted, actor: Actor | null, variables: Readonly<Record<string, unknown>>): AccessReport;
}

export function createAccess(schema: GraphQLSchema, map: AccessMap, options: AccessOptions = {}): Access {
  const { mode = "filter", dryRun = false, undecidedPolicies = "refuse" } = options;
  const access = new SchemaAccess(schema, map);
  const plans = new WeakMap<OperationDefinitionNode, AccessPlan>();

  function plan(operation: OperationToCheck): AccessPlan {
    const known = plans.get(operation.operation);
    if (known) return known;
    const made = new OperationPlan(operation, schema, access, { dryRun, undecidedPolicies });
    plans.set(operation.operation, made);
    return made;
  }

  return {
    plan,
    permit: (operation, actor, decisions) => plan(operation).permit(actor, decisions),
    report(permitted, actor, variables) {
      if (permitted.places.length === 0) return nothing;
      if (dryRun) return { ...nothing, wouldRemove: wouldRemove(permitted, variables) };
      const errors = errorsAt(permitted.places, variables, actor !== null);
      return { errors, isRejected: mode === "reject" && errors.length > 0, wouldRemove: null };
    },
  };
}

const nothing: AccessReport = { errors: [], isRejected: false, wouldRemove: null };

function wouldRemove({ places }: Permitted, variables: Readonly<Record<string, unknown>>): WouldRemove[] | null {
  const asked = places.filter((place) => isAsked(place, variables));
  return asked.length > 0 ? asked.map(({ coordinate, path }) => ({ coordinate, path })) : null;
}

type PlanOptions = Required<Pick<AccessOptions, "dryRun" | "undecidedPolicies">>;

/** Custom roles could make any number of outcomes; they are worked out anew rather than kept without end. */
const mostVariants = 256;

class OperationPlan implements AccessPlan {
  readonly policies: readonly string[];
  readonly isOpen: boolean;
  /** Distinct ones, in the order of their keys. */
  readonly #requirements: readonly Requirement[];
  readonly whole: Permitted;
  /** By one character for each requirement: `1` met, `0` not. */
  readonly #byOutcome = new Map<string, Permitted>();
  readonly #byVariant = new Map<string, Permitted>();

  constructor(
    private readonly source: OperationToCheck,
    private readonly schema: GraphQLSchema,
    private readonly access: SchemaAccess,
    private readonly options: PlanOptions,
  ) {
    this.whole = { document: source.document, removed: new Set(), variant: "", places: [] };
    this.#requirements = access.isOpen ? [] : this.#collect();
    this.isOpen = this.#requirements.length === 0;
    this.policies = [...new Set(this.#requirements.flatMap(({ policies = [] }) => policies.flat()))].sort();
  }

  permit(actor: Actor | null, decisions: Decisions = {}): Permitted {
    if (this.#requirements.length === 0) return this.whole;
    const { undecidedPolicies } = this.options;
    let outcome = "";
    for (const one of this.#requirements) outcome += meets(one, actor, decisions, undecidedPolicies) ? "1" : "0";
    return this.#byOutcome.get(outcome) ?? this.#keep(outcome);
  }

  #collect(): Requirement[] {
    const found = new Map<string, Requirement>();
    this.#filter((requirements) => {
      for (const requirement of requirements) found.set(keyOf(requirement), requirement);
      return false;
    });
    return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
  }

  #keep(outcome: string): Permitted {
    if (this.#byOutcome.size >= mostVariants) {
      this.#byOutcome.clear();
      this.#byVariant.clear();
    }
    const made = outcome.includes("0") ? this.#narrowed(outcome) : this.whole;
    const known = this.#byVariant.get(made.variant) ?? made;
    // A dry run has no variants: its outcomes differ in what they report.
    if (!this.options.dryRun) this.#byVariant.set(known.variant, known);
    this.#byOutcome.set(outcome, known);
    return known;
  }

  #narrowed(outcome: string): Permitted {
    const refused = new Set(this.#requirements.filter((_, index) => outcome[index] === "0").map(keyOf));
    const causes = new Set<string>();
    const filtered = this.#filter((requirements) => {
      const unmet = requirements.map(keyOf).filter((key) => refused.has(key));
      for (const key of unmet) causes.add(key);
      return unmet.length > 0;
    });
    const { operation, document } = this.source;
    const places = findPlaces(operation, fragmentsOf(document), filtered.removed, this.schema);
    if (this.options.dryRun) return { ...this.whole, places };
    return { ...filtered, variant: [...causes].sort().join(" "), places };
  }

  #filter(refuses: (requirements: readonly Requirement[]) => boolean): Filtered {
    const { document, operation } = this.source;
    return filterOperation(document, operation, this.schema, this.access, refuses);
  }
}
