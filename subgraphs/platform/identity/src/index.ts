import { platformEvents } from "@tessera/shared-types";
import { defineSubgraph } from "@tessera/subgraph";
import { entities } from "./entities.js";
import { onMemberChanged } from "./reactions/on-member-changed.js";
import { onOrganizationUpdated } from "./reactions/on-organization-updated.js";
import { onSubscriptionCreated, onSubscriptionUpdated } from "./reactions/on-subscription.js";
import { resolvers } from "./resolvers.js";
import * as tables from "./tables.js";

const { organizationUpdated, memberChanged, loginSucceeded, loginFailed } = platformEvents;

export default defineSubgraph({
  name: "identity",
  suite: "platform",
  root: new URL("..", import.meta.url),
  resolvers,
  entities,
  tables,
  publishes: [organizationUpdated, memberChanged, loginSucceeded, loginFailed],
  reactions: [onSubscriptionCreated, onSubscriptionUpdated, onOrganizationUpdated, onMemberChanged],
  demo: () => import("./demo.js"),
});
