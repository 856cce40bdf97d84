import { createNodeDescriptor } from "@cognigy/extension-tools";
import { check } from "./core.js";
import { policyField, storeFields, runAndStore } from "./outcome.js";

/** Checks values before a node writes them, and counts the existing context. */
export const checkContext = createNodeDescriptor({
  type: "checkContext",
  defaultLabel: "Check context",
  summary: "Checks values before they are written into the context",
  fields: [
    { key: "values", type: "json", label: "Values to check", defaultValue: "{}" },
    policyField,
    ...storeFields,
  ],
  function: ({ cognigy, config }) =>
    runAndStore(cognigy, config, () => {
      const { ok, issues, sizes, omitted } = check(config.values, config.policy, cognigy.context);
      return { ok, issues, sizes, omitted };
    }),
});
