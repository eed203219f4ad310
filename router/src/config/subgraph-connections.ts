/** Connections to the subgraphs of a supergraph, kept over reloads where nothing about them has changed. */
import type { SupergraphMember } from "../cli/supergraph-file.js";
import { connectRemote, type RemoteOptions } from "../subgraphs/connect-remote.js";
import { headerRulesFor } from "../subgraphs/headers/header-rules.js";
import type { CallbackReceiver } from "../subgraphs/streams/callback-receiver.js";
import type { RemoteConnection } from "../subgraphs/subgraph-call.js";
import type { Replaced } from "../supergraph/served-supergraph.js";
import { given } from "./given.js";
import type { RouterConfig } from "./router-config.js";
import { configOf, trafficOf } from "./subgraph-config.js";

interface Open {
  /** Everything the connection was made of. */
  readonly made: string;
  readonly connection: RemoteConnection;
}

export class SubgraphConnections {
  readonly #callbacks: CallbackReceiver | undefined;
  #open = new Map<string, Open>();
  readonly #closing = new Set<Promise<void>>();

  constructor(callbacks?: CallbackReceiver) {
    this.#callbacks = callbacks;
  }

  /**
   * One for each subgraph. `use` is given them, and when it rejects everything is as it was. Those that have no place any
   * more are closed when they are released: requests of before may still run over them.
   */
  async replace(
    members: readonly SupergraphMember[],
    config: RouterConfig,
    use: (connections: RemoteConnection[]) => Promise<Pick<Replaced, "released">>,
  ): Promise<void> {
    const before = this.#open;
    const next = new Map(members.map((member) => [member.name, this.#openOrKept(member, config)]));
    const opened = [...next.values()].map(({ connection }) => connection);
    const { released } = await use(opened).catch(async (error) => {
      await closeAll(without(next, before));
      throw error;
    });
    this.#open = next;
    const dropped = without(before, next);
    const closed = released.then(() => closeAll(dropped)).finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  /** The first ones. */
  open(members: readonly SupergraphMember[], config: RouterConfig): RemoteConnection[] {
    this.#open = new Map(members.map((member) => [member.name, this.#openOrKept(member, config)]));
    return [...this.#open.values()].map(({ connection }) => connection);
  }

  /** After the router, so that nothing is in use any more. */
  async close(): Promise<void> {
    await Promise.all([closeAll([...this.#open.values()]), ...this.#closing]);
  }

  #openOrKept(member: SupergraphMember, config: RouterConfig): Open {
    const options = remoteOptions(member, config);
    const made = JSON.stringify(options);
    const known = this.#open.get(member.name);
    if (known?.made === made) return known;
    return { made, connection: connectRemote({ ...options, ...given({ callbacks: this.#callbacks }) }) };
  }
}

function without(some: ReadonlyMap<string, Open>, others: ReadonlyMap<string, Open>): Open[] {
  const kept = new Set(others.values());
  return [...some.values()].filter((one) => !kept.has(one));
}

async function closeAll(open: readonly Open[]): Promise<void> {
  await Promise.all(open.map(({ connection }) => connection.close()));
}

function remoteOptions({ name, url: composed }: SupergraphMember, config: RouterConfig): RemoteOptions {
  const { url, urls, subscriptions, ...traffic } = configOf(name, config);
  return {
    name,
    ...(urls ? { urls } : { url: url ?? composed }),
    headers: headerRulesFor(name, config.headers ?? {}),
    traffic: trafficOf(traffic),
    // Subgraphs of others do not know the headers Tessera's own take with each operation.
    subscriptions: { ...subscriptions, webSocket: { identity: "connection", ...subscriptions?.webSocket } },
  };
}
