/** The part of bpmn-moddle that the tests use; the package brings no types of its own. */
declare module "bpmn-moddle" {
  interface Read {
    readonly $type: string;
    readonly name: string;
    readonly rootElements: readonly Read[];
    readonly diagrams: readonly {
      readonly plane: { readonly planeElement: readonly { readonly bpmnElement: { readonly id: string } }[] };
    }[];
  }
  export class BpmnModdle {
    fromXML(xml: string): Promise<{ readonly rootElement: Read; readonly warnings: readonly unknown[] }>;
  }
}
