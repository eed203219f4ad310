/** The contracts of this repository: what was released, who publishes and reacts, and what an outsider reads about it. */
export { asyncApiOf } from "./async-api.js";
export { exampleOf } from "./example.js";
export { type EventOverview, type EventUse, eventOverview, type ModuleEvents } from "./overview.js";
export {
  addToRelease,
  checkAgainstReleased,
  contractsIn,
  type ReleasedEvents,
  type ReleaseProblem,
  type ReleaseVerdict,
} from "./released.js";
