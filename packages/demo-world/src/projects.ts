/** Undertakings that people are assigned to; policies such as `assigned_project` look at the assignment. */
import type { OrganizationKey } from "./organizations.js";

export interface DemoProject {
  readonly id: string;
  readonly organization: OrganizationKey;
  readonly name: string;
}

const projectId = (number: number): string => `01900000-0004-7000-8000-${number.toString(16).padStart(12, "0")}`;

export const projects = {
  coldStores: { id: projectId(1), organization: "thistlemoor", name: "New doors for the cold stores" },
  heatRecovery: { id: projectId(2), organization: "pinehollow", name: "Heat recovery in Fresno" },
} as const satisfies Record<string, DemoProject>;
