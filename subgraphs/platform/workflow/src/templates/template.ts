/** A definition to begin with: made a workflow of the organization by `createWorkflow`, and changed there. */
export interface Template {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  /** Has the form of a definition. */
  readonly content: object;
}
