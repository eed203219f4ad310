import type { Resolvers } from "./generated/types.js";
import { ConsumerGroup, DeadLetter, Replay } from "./resolvers/DeadLetter.js";
import { EventType } from "./resolvers/EventType.js";
import { Mutation, Subscription } from "./resolvers/Mutation.js";
import { Query } from "./resolvers/Query.js";
import { EventDelivery, EventStream, StoredEvent } from "./resolvers/StoredEvent.js";

export const resolvers: Resolvers = {
  EventType,
  EventStream,
  StoredEvent,
  EventDelivery,
  DeadLetter,
  Replay,
  ConsumerGroup,
  Query,
  Mutation,
  Subscription,
};
