import { createNodeDescriptor } from "@cognigy/extension-tools";
import { Client } from "./core.js";
import { policyField, storeFields, runAndStore } from "./outcome.js";

/** The connection with the base URL and the API key, which no node shows. */
export const connection = {
  type: "cognigy-api",
  label: "Cognigy API",
  fields: [{ fieldName: "baseUrl" }, { fieldName: "apiKey" }],
};

/** Checks values and injects them into a session through the API. */
export const injectContext = createNodeDescriptor({
  type: "injectContext",
  defaultLabel: "Inject context",
  summary: "Injects checked values into a session",
  fields: [
    {
      key: "connection",
      type: "connection",
      label: "API",
      params: { connectionType: connection.type, required: true },
    },
    { key: "sessionId", type: "cognigyText", label: "Session", defaultValue: "{{input.sessionId}}" },
    { key: "userId", type: "cognigyText", label: "User", defaultValue: "{{input.userId}}" },
    { key: "values", type: "json", label: "Values to inject", defaultValue: "{}" },
    policyField,
    ...storeFields,
  ],
  function: ({ cognigy, config }) =>
    runAndStore(cognigy, config, async () => {
      const { connection, sessionId, userId, values, policy } = config;
      const client = new Client({ ...connection, policy });
      await client.injectContext(sessionId, userId, values);
      return { injected: Object.keys(values) };
    }),
});
