import type { Events, EventsOptions } from "./events.js";

/** Joins a database and a bus. Starts nothing by itself. */
export function openEvents(_options: EventsOptions): Events {
  throw new Error("pending");
}
