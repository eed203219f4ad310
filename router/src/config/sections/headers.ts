/** Which headers travel between clients and subgraphs. */
import { either, list, named, type Schema, section, text } from "../schema-parts.js";

export interface HeadersConfig {
  readonly request?: readonly HeaderRuleConfig[];
  readonly response?: readonly HeaderRuleConfig[];
  readonly subgraphs?: Readonly<Record<string, Pick<HeadersConfig, "request" | "response">>>;
}

export type HeaderRuleConfig = PropagateConfig | InsertConfig | RemoveConfig;

export interface PropagateConfig {
  readonly propagate: {
    readonly named?: string;
    readonly matching?: string;
    readonly rename?: string;
    readonly default?: string;
  };
}

export interface InsertConfig {
  readonly insert: { readonly name: string; readonly value: string };
}

export interface RemoveConfig {
  readonly remove: { readonly named?: string; readonly matching?: string };
}

const name = (description: string) => text({ description, examples: ["x-tenant"] });
const matching = text({ description: "A regular expression for names, without case.", examples: ["^x-app-"] });

const propagate = section<PropagateConfig>(
  { description: "Pass a header on.", required: ["propagate"] },
  {
    propagate: section<PropagateConfig["propagate"]>(
      { description: "What is passed on." },
      {
        named: name("The header."),
        matching,
        rename: name("Its name on the other side. Default: the same."),
        default: text({ description: "The value when the header is not there. Default: nothing is sent." }),
      },
    ),
  },
);

const insert = section<InsertConfig>(
  { description: "Set a header.", required: ["insert"] },
  {
    insert: section<InsertConfig["insert"]>(
      { description: "What is set.", required: ["name", "value"] },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
      { name: name("The header."), value: text({ description: "Its value.", examples: ["${env.GATEWAY_KEY}"] }) },
    ),
  },
);

const remove = section<RemoveConfig>(
  { description: "Drop a header an earlier rule added.", required: ["remove"] },
  {
    remove: section<RemoveConfig["remove"]>(
      { description: "What is dropped." },
      { named: name("The header."), matching },
    ),
  },
);

const rules = (description: string): Schema<readonly HeaderRuleConfig[]> =>
  list<HeaderRuleConfig>(either([propagate, insert, remove], { description: "One rule." }), {
    description,
    examples: [[{ propagate: { named: "x-tenant" } }]],
  });

const both = {
  request: rules("From the client to subgraphs, in this order. Default: nothing."),
  response: rules("From subgraphs to the client, in this order. Default: nothing."),
};

export const headersSchema: Schema<HeadersConfig> = section<HeadersConfig>(
  { description: "Which headers travel. x-request-id and traceparent always do." },
  {
    ...both,
    subgraphs: named(
      section<Pick<HeadersConfig, "request" | "response">>({ description: "Rules of this subgraph." }, both),
      { description: "Further rules by the name of a subgraph, after those for all. Default: none." },
    ),
  },
);
