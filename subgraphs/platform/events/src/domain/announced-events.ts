/** Events that are told to live listeners only and never stored: they are no part of any stream. */
import { platformEvents } from "@tessera/shared-types";

const announced: ReadonlySet<string> = new Set(
  [
    platformEvents.reactionDone,
    platformEvents.processChanged,
    platformEvents.workflowExecutionChanged,
    platformEvents.eventStreamChanged,
    platformEvents.replayProgressed,
    platformEvents.eventImportProgressed,
  ].map(({ type }) => type),
);

export const isAnnounced = (type: string): boolean => announced.has(type);
