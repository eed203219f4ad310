/** Which headers travel between clients and subgraphs. */
import type {
  HeaderRule,
  HeaderRules,
  HeadersConfig,
  InsertRule,
  PropagateRule,
  RemoveRule,
  RequestFact,
  ResponseHeaderRule,
} from "../../subgraphs/headers/header-rules.js";
import { choice, either, list, named, type Schema, section, text } from "../schema-parts.js";

const name = (description: string) => text({ description, examples: ["x-tenant"] });
const matching = text({
  description: "A regular expression for the whole name, without case.",
  examples: ["x-app-.*"],
});

type Propagated = PropagateRule["propagate"];
type ByName = Extract<Propagated, { readonly named: string }>;
type ByPattern = Extract<Propagated, { readonly matching: string }>;

const byPattern = section<ByPattern>(
  { description: "All headers whose names match.", required: ["matching"] },
  { matching },
);

const propagate = section<PropagateRule>(
  { description: "Pass a header of the client on.", required: ["propagate"] },
  {
    propagate: either(
      [
        section<ByName>(
          { description: "One header.", required: ["named"] },
          {
            named: name("The header."),
            rename: name("Its name on the other side. Default: the same."),
            default: text({ description: "The value when the client sent none. Default: nothing is sent." }),
          },
        ),
        byPattern,
      ],
      { description: "What is passed on." },
    ),
  },
);

type Inserted = InsertRule["insert"];
type InsertedBy<Key extends string> = Extract<Inserted, { readonly [Name in Key]: unknown }>;

const target = {
  name: name("The header."),
  default: text({ description: "The value when there is none. Default: nothing is sent." }),
};

const facts = ["token", "cookie", "clientAddress", "userAgent", "millisecondsLeft"] as const satisfies RequestFact[];

const inserted = either(
  [
    section<InsertedBy<"value">>(
      { description: "A fixed value.", required: ["value", "name"] },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
      { ...target, value: text({ description: "The value.", examples: ["${env.GATEWAY_KEY:-none}"] }) },
    ),
    section<InsertedBy<"fromHeader">>(
      { description: "The value of another header of the client.", required: ["fromHeader", "name"] },
      { ...target, fromHeader: name("The other header.") },
    ),
    section<InsertedBy<"fromClaim">>(
      { description: "Something of the verified actor.", required: ["fromClaim", "name"] },
      {
        ...target,
        fromClaim: text({
          description: "Its path; lists are joined by commas.",
          examples: ["tenantId", "attributes.region"],
        }),
      },
    ),
    section<InsertedBy<"fromFact">>(
      { description: "What the router knows without trusting a header.", required: ["fromFact", "name"] },
      {
        ...target,
        fromFact: choice(facts, { description: "What is sent." }),
        prefix: text({ description: "Put before it. Default: nothing.", examples: ["Bearer "] }),
      },
    ),
  ],
  { description: "What is set." },
);

const insert = section<InsertRule>({ description: "Set a header.", required: ["insert"] }, { insert: inserted });

const remove = section<RemoveRule>(
  { description: "Take back what earlier rules have put there.", required: ["remove"] },
  {
    remove: either(
      [
        section<{ readonly named: string }>(
          { description: "One header.", required: ["named"] },
          { named: name("The header.") },
        ),
        byPattern,
      ],
      { description: "What is taken back." },
    ),
  },
);

const requestRules: Schema<readonly HeaderRule[]> = list<HeaderRule>(
  either([propagate, insert, remove], { description: "One rule." }),
  {
    description: "From the client to subgraphs, in this order. Default: nothing.",
    examples: [[{ propagate: { named: "x-tenant" } }]],
  },
);

const responseRules: Schema<readonly ResponseHeaderRule[]> = list(
  section<ResponseHeaderRule>(
    { description: "Pass a header of a subgraph on to the client.", required: ["propagate"] },
    {
      propagate: section<ResponseHeaderRule["propagate"]>(
        { description: "What is passed on.", required: ["named"] },
        {
          named: name("The header."),
          rename: name("Its name for the client. Default: the same."),
          default: text({ description: "The value when no subgraph sent it. Default: nothing is sent." }),
          merge: choice(["first", "last", "append"], {
            description: "When several subgraphs send it. set-cookie is always appended.",
            default: "last",
          }),
        },
      ),
    },
  ),
  {
    description: "From subgraphs to the client. Default: nothing.",
    examples: [[{ propagate: { named: "set-cookie" } }]],
  },
);

const both = { request: requestRules, response: responseRules };

export const headersSchema: Schema<HeadersConfig> = section<HeadersConfig>(
  { description: "Which headers travel. x-request-id, and in a trace traceparent, always do." },
  {
    ...both,
    subgraphs: named(section<HeaderRules>({ description: "Rules of this subgraph." }, both), {
      description: "Further rules by the name of a subgraph, after those for all. Default: none.",
    }),
  },
);
