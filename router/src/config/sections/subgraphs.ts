/** How subgraphs are reached, and how much of the router one of them may hold up. */
import type { StreamOptions, WebSocketOptions } from "../../subgraphs/streams/stream-options.js";
import {
  type CircuitBreakerOptions,
  type ConcurrencyOptions,
  defaultMaxAnswerBytes,
  type EjectionOptions,
  type HealthCheckOptions,
  type HmacOptions,
  type InstanceAddress,
  type RetryOptions,
  type SharingOptions,
  type SubgraphTraffic,
} from "../../subgraphs/traffic/subgraph-traffic.js";
import {
  choice,
  either,
  file,
  list,
  named,
  orFalse,
  type Schema,
  section,
  sectionWithNames,
  text,
  toggle,
  url,
  whole,
} from "../schema-parts.js";

/** As `SubgraphTraffic`, with certificates in files. */
export interface SubgraphConfig extends Omit<SubgraphTraffic, "tls"> {
  readonly url?: string;
  readonly urls?: readonly InstanceAddress[];
  readonly tls?: SubgraphTlsConfig;
  readonly subscriptions?: SubgraphStreamConfig;
}

export interface SubgraphTlsConfig {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface SubgraphStreamConfig extends Omit<StreamOptions, "webSocket"> {
  readonly webSocket?: Omit<WebSocketOptions, "connectionParams"> & {
    readonly connectionParams?: Readonly<Record<string, string>>;
  };
}

export interface SubgraphsConfig {
  readonly all?: Omit<SubgraphConfig, "url" | "urls">;
  readonly [name: string]: SubgraphConfig | undefined;
}

const retries = section<RetryOptions>(
  { description: "Repeat calls that failed: queries, and mutations of which nothing was sent. Default: never." },
  {
    attempts: whole({ description: "Further attempts after the first.", default: 2 }),
    baseDelayMs: whole({ description: "Wait before the first one, doubled before each further one.", default: 50 }),
    maxDelayMs: whole({ description: "Longest wait.", default: 1_000 }),
    budgetPercent: whole({ description: "Repetitions per hundred calls.", default: 20, maximum: 100 }),
    budgetReserve: whole({ description: "Repetitions saved up in quiet times.", default: 10 }),
  },
);

const circuitBreaker = section<CircuitBreakerOptions>(
  { description: "Give a subgraph that keeps failing a rest. Default: never." },
  {
    failurePercent: whole({
      description: "Failed calls in a hundred that open it.",
      default: 50,
      minimum: 1,
      maximum: 100,
    }),
    windowMs: whole({ description: "The time that is looked at.", default: 10_000, minimum: 1 }),
    minimumCalls: whole({ description: "Fewer calls in that time say nothing.", default: 20, minimum: 1 }),
    restMs: whole({ description: "How long the subgraph rests before it is tried again.", default: 5_000, minimum: 1 }),
    probes: whole({ description: "Calls that have to succeed before all others follow.", default: 3, minimum: 1 }),
  },
);

const concurrency = section<ConcurrencyOptions>(
  { description: "Bound what the subgraph has to do at a time. Default: only by maxConnections.", required: ["max"] },
  {
    max: whole({ description: "Calls at a time.", minimum: 1, examples: [100] }),
    maxWaiting: whole({ description: "Calls that may wait; more are refused (SUBGRAPH_BUSY). Default: as max." }),
  },
);

const healthCheck = section<HealthCheckOptions>(
  { description: "Ask every instance regularly whether it is well. Default: never." },
  {
    path: text({ description: "Path that answers GET with a status below 400.", default: "/health" }),
    intervalMs: whole({ description: "Time between two checks.", default: 10_000, minimum: 1 }),
    timeoutMs: whole({ description: "How long an answer may take.", default: 2_000, minimum: 1 }),
    unhealthyAfter: whole({ description: "Failed checks in a row that take an instance out.", default: 3, minimum: 1 }),
    healthyAfter: whole({ description: "Good checks in a row that bring it back.", default: 2, minimum: 1 }),
  },
);

const ejection = orFalse(
  section<EjectionOptions>(
    { description: "Leave out an instance whose calls keep failing." },
    {
      consecutiveFailures: whole({ description: "Failed calls in a row.", default: 5, minimum: 1 }),
      restMs: whole({ description: "How long, times the ejections in a row.", default: 10_000, minimum: 1 }),
    },
  ),
  { description: "Leave out an instance whose calls keep failing. Default: on when there are several." },
);

const hmac = section<HmacOptions>(
  {
    description: "Sign every request, so that the subgraph can tell that it comes from the router. Default: never.",
    required: ["secret"],
  },
  {
    secret: text({
      description: "Known to the router and the subgraph.",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write into the file
      examples: ["${env.SUBGRAPH_SECRET:-change-me}"],
    }),
    header: text({ description: "Name of the header.", default: "x-tessera-signature" }),
    algorithm: choice(["sha256"], { description: "HMAC with this hash.", default: "sha256" }),
  },
);

const shareInFlight = either(
  [
    toggle({ description: "With the usual bounds." }),
    section<SharingOptions>(
      { description: "With these bounds." },
      {
        maxRequests: whole({ description: "Requests that can be shared at a time.", default: 1_000, minimum: 1 }),
        maxBodyBytes: whole({ description: "Longest body that is compared.", default: 262_144, minimum: 1 }),
      },
    ),
  ],
  {
    description: "Equal queries for clients for whom the same is forwarded share one HTTP request while it runs.",
    default: false,
  },
);

const tls = section<SubgraphTlsConfig>(
  { description: "Certificates of both sides. Default: the authorities of Node.js, and none of our own." },
  {
    caFile: file({ description: "Who may have signed the subgraph's certificate, PEM.", examples: ["tls/ca.crt"] }),
    certFile: file({ description: "The certificate the router shows, PEM.", examples: ["tls/router.crt"] }),
    keyFile: file({ description: "Its private key, PEM.", examples: ["tls/router.key"] }),
    servername: text({ description: "Name to expect in the certificate. Default: the host of the address." }),
    rejectUnauthorized: toggle({ description: "false takes any certificate.", default: true }),
  },
);

const webSocket = section<NonNullable<SubgraphStreamConfig["webSocket"]>>(
  { description: "Only of protocol ws." },
  {
    identity: choice(["operation", "connection"], {
      description:
        "Where the subgraph learns who asks: with each operation, on one socket for all; or with the connection, on sockets " +
        "that clients share for whom the same is forwarded.",
      default: "connection",
    }),
    connectionParams: named(text({ description: "A value." }), {
      description: "Payload of connection_init. Default: nothing.",
    }),
    pingEveryMs: whole({ description: "Time between pings.", default: 12_000, minimum: 1 }),
    pongWithinMs: whole({
      description: "A subgraph that does not answer a ping in this time is gone.",
      default: 5_000,
      minimum: 1,
    }),
    reconnectAttempts: whole({
      description: "How often a lost socket is opened again. Events in between are lost.",
      default: 0,
    }),
  },
);

const subscriptions = section<SubgraphStreamConfig>(
  { description: "How subscriptions of the subgraph are read." },
  {
    protocol: choice(["ws", "sse", "callback"], {
      description: "graphql-transport-ws, GraphQL over SSE, or HTTP callbacks (which need subscriptions.callback).",
      default: "ws",
    }),
    url: text({
      description: "Where subscriptions go. Default: where the other operations go.",
      examples: ["wss://users:4001/subscriptions"],
      pattern: "^(https?|wss?)://[^/]",
      patternErrorMessage: "it has to be an address that starts with ws://, wss://, http:// or https://",
    }),
    path: text({ description: "Only the path differs. Default: it does not.", examples: ["/subscriptions"] }),
    maxWaitingEvents: whole({
      description: "Events that may wait; more end the subscription.",
      default: 1_000,
      minimum: 1,
    }),
    webSocket,
  },
);

const address = (description: string) => url({ description, examples: ["http://users:4001/graphql"] });

const forAll = {
  timeoutMs: whole({
    description: "Longest time one attempt may take. Default: what is left for the request.",
    minimum: 1,
  }),
  maxAnswerBytes: whole({ description: "Bytes of one answer.", default: defaultMaxAnswerBytes, minimum: 1 }),
  compressedAnswers: toggle({ description: "Ask for compressed answers: for slow lines only.", default: false }),
  retries,
  circuitBreaker,
  concurrency,
  balancing: choice(["round-robin", "least-connections"], {
    description: "Which of several instances a call goes to. Both heed weights.",
    default: "round-robin",
  }),
  healthCheck,
  ejection,
  hmac,
  shareInFlight,
  maxConnections: whole({ description: "Connections to one instance.", default: 256, minimum: 1 }),
  connectTimeoutMs: whole({ description: "How long opening a connection may take.", default: 5_000, minimum: 1 }),
  keepAliveTimeoutMs: whole({
    description: "How long an idle connection is kept when the subgraph does not say; less than the subgraph keeps it.",
    default: 4_000,
    minimum: 1,
  }),
  allowH2: toggle({ description: "Speak HTTP/2 where the subgraph offers it over TLS.", default: false }),
  tls,
  subscriptions,
};

const subgraph = section<SubgraphConfig>(
  { description: "One subgraph." },
  {
    ...forAll,
    url: address("Where it answers. Default: what composition wrote into the supergraph."),
    urls: list(
      section<InstanceAddress>(
        { description: "One instance.", required: ["url"] },
        {
          url: address("Where it answers."),
          weight: whole({ description: "Its share of the calls, compared with the others.", default: 1, minimum: 1 }),
        },
      ),
      { description: "Several instances, in place of url. Default: one.", minItems: 1 },
    ),
  },
);

const all = section<Omit<SubgraphConfig, "url" | "urls">>(
  { description: "What holds for every subgraph that does not say otherwise." },
  forAll,
);

export const subgraphsSchema: Schema<SubgraphsConfig> = sectionWithNames<SubgraphsConfig, SubgraphConfig>(
  { description: "How subgraphs are reached, by their names; what stands under all holds for each of them." },
  { all },
  subgraph,
);
