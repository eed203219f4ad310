/** Schedules and events: what sets workflows off, and what they wait for. */
import { esgEvents, platformEvents } from "@tessera/shared-types";
import { Cron } from "croner";
import type { Definition } from "./definition.js";
import { at, type Finding, finding, type Place } from "./findings.js";
import { placedSteps } from "./walk.js";

const published = new Set<string>(
  [...Object.values(platformEvents), ...Object.values(esgEvents)].map(({ type }) => type),
);

export function checkTriggers(definition: Definition): Finding[] {
  const triggers = definition.triggers.flatMap((trigger, index) => {
    const pointer = at("/triggers", index);
    if (trigger.type === "event") return checkEvent(trigger.event, { pointer: at(pointer, "event") });
    return trigger.type === "schedule" ? checkSchedule(trigger, pointer) : [];
  });
  const waits = placedSteps(definition).flatMap(({ step, pointer }) =>
    step.type === "wait" && "event" in step.wait
      ? checkEvent(step.wait.event, { pointer: at(pointer, "wait", "event"), stepId: step.id })
      : [],
  );
  return [...triggers, ...waits];
}

/** An organization may have event types of its own, so an unknown one is no error. */
function checkEvent(event: string, place: Place): Finding[] {
  return published.has(event) ? [] : [finding("EVENT_UNKNOWN", place, { event }, "WARNING")];
}

interface Schedule {
  readonly cron: string;
  readonly timeZone: string;
}

function checkSchedule({ cron, timeZone }: Schedule, pointer: string): Finding[] {
  if (!isTimeZone(timeZone)) return [finding("TIME_ZONE_UNKNOWN", { pointer: at(pointer, "timeZone") }, { timeZone })];
  const reason = reasonAgainst(cron, timeZone);
  return reason ? [finding("CRON_INVALID", { pointer: at(pointer, "cron") }, { cron, reason })] : [];
}

export function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}

function reasonAgainst(cron: string, timezone: string): string | null {
  if (!cron.startsWith("@") && cron.trim().split(/\s+/).length !== 5) return "it has five fields.";
  try {
    return new Cron(cron, { timezone, paused: true }).nextRun() ? null : "it never comes.";
  } catch (error) {
    return (error as Error).message;
  }
}
