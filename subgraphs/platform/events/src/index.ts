import { defineSubgraph } from "@tessera/subgraph";
import { sendReplay } from "./processes/send-replay.js";
import { typesById } from "./queries/event-types.js";
import { importsById } from "./queries/imports.js";
import { replaysById } from "./queries/replays.js";
import { onAnyEvent } from "./reactions/on-any-event.js";
import { onMemberChanged } from "./reactions/on-member-changed.js";
import { resolvers } from "./resolvers.js";
import * as tables from "./tables.js";

export default defineSubgraph({
  name: "events",
  suite: "platform",
  root: new URL("..", import.meta.url),
  resolvers,
  entities: { EventType: typesById, Replay: replaysById, EventImport: importsById },
  tables,
  reactions: [onAnyEvent, onMemberChanged],
  processes: [sendReplay],
  operates: ["events"],
  reference: () => import("./reference.js"),
  demo: () => import("./demo.js"),
});
