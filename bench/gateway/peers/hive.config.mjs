/** Hive Gateway without what a browser would use. SHARE=1: identical requests on their way at the same time run once. */
export const gatewayConfig = {
  graphiql: false,
  landingPage: false,
  logging: "error",
  inboundInflightRequestDeduplication: process.env.SHARE === "1",
};
