/**
 * Onboarding of a customer: subscription, tenant, dashboard, welcome; when one of them cannot be done, what came before
 * it is taken back, the last thing first. Every operation but the last takes a key, so that repeating it repeats nothing.
 */
import type { Template } from "./template.js";

const key = (step: string) => `$execution.id & '/${step}'`;

export const onboardCustomer: Template = {
  key: "customer.onboarding",
  name: "Onboard a customer",
  description:
    "Subscribes a customer, provisions their tenant, sets up their dashboard and welcomes them. Undone in reverse when a step fails.",
  content: {
    kind: "SAGA",
    scopes: ["billing:write", "security:write", "analytics:read", "analytics:write", "notifications:write"],
    inputs: {
      type: "object",
      properties: {
        customer: { type: "string", minLength: 1 },
        email: { type: "string", minLength: 3 },
        plan: { type: "string", enum: ["FREE", "PRO", "ENTERPRISE"] },
      },
      required: ["customer", "email", "plan"],
      additionalProperties: false,
    },
    steps: [
      {
        id: "subscription",
        name: "Create the subscription",
        type: "graphql",
        operation: `mutation ($customer: String!, $plan: String!, $key: String!) {
          createSubscription(customer: $customer, plan: $plan, idempotencyKey: $key) { id }
        }`,
        variables: { customer: "$input.customer", plan: "$input.plan", key: key("subscription") },
        output: "$result.createSubscription",
        undo: {
          type: "graphql",
          operation: "mutation ($id: ID!) { cancelSubscription(id: $id) { id } }",
          variables: { id: "$result.createSubscription.id" },
        },
        next: "tenant",
      },
      {
        id: "tenant",
        name: "Provision the tenant",
        type: "graphql",
        operation: `mutation ($name: String!, $subscription: ID!, $key: String!) {
          provisionTenant(name: $name, subscriptionId: $subscription, idempotencyKey: $key) { id }
        }`,
        variables: { name: "$input.customer", subscription: "$steps.subscription.id", key: key("tenant") },
        output: "$result.provisionTenant",
        undo: {
          type: "graphql",
          operation: "mutation ($id: ID!) { deprovisionTenant(id: $id) { id } }",
          variables: { id: "$result.provisionTenant.id" },
        },
        next: "dashboard",
      },
      {
        id: "dashboard",
        name: "Set up the dashboard",
        type: "graphql",
        operation: "mutation ($name: String!) { createDashboard(name: $name) { id } }",
        variables: { name: "$input.customer" },
        output: "$result.createDashboard",
        undo: {
          type: "graphql",
          operation: "mutation ($id: ID!) { deleteDashboard(id: $id) }",
          variables: { id: "$result.createDashboard.id" },
        },
        next: "welcome",
      },
      {
        id: "welcome",
        name: "Send the welcome",
        type: "graphql",
        operation: `mutation ($email: String!, $customer: String!, $key: String!) {
          sendWelcome(email: $email, customer: $customer, idempotencyKey: $key) { id }
        }`,
        variables: { email: "$input.email", customer: "$input.customer", key: key("welcome") },
        output: "$result.sendWelcome",
        // A message that was sent cannot be taken back; it is the last step for that reason.
        undo: "none",
      },
    ],
    output:
      '{ "subscriptionId": $steps.subscription.id, "tenantId": $steps.tenant.id, "dashboardId": $steps.dashboard.id }',
  },
};
