/** The named tenants, people and places every demo story refers to. Constants only: modules turn them into rows. */
export { type DemoOrganization, type OrganizationKey, organizations } from "./organizations.js";
export { type DemoMembership, type DemoPerson, demoPassword, type PersonKey, people } from "./people.js";
export { type DemoProject, projects } from "./projects.js";
export { type DemoSite, type SiteKey, sites } from "./sites.js";

/** The dashboard "Carbon overview" of the main demo tenant, which the journey watches. */
export const carbonDashboardId = "01900000-0003-7000-8000-000000000001";
