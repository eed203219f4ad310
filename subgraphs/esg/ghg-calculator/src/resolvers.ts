import { EmissionCalculation, EmissionResult } from "./resolvers/EmissionCalculation.js";
import { Mutation } from "./resolvers/Mutation.js";
import { Query } from "./resolvers/Query.js";
import { Subscription } from "./resolvers/Subscription.js";
import * as types from "./resolvers/types.js";

export const resolvers = { Query, Mutation, Subscription, EmissionCalculation, EmissionResult, ...types };
