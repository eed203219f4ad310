import { onboardCustomer } from "./onboard-customer.js";
import type { Template } from "./template.js";

/** By name. */
export const templates: readonly Template[] = [onboardCustomer];
