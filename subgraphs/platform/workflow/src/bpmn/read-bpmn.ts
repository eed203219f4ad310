/** A definition from BPMN 2.0 XML. */
export function readBpmn(_xml: string): { readonly name: string; readonly content: object } {
  return { name: "", content: {} };
}
