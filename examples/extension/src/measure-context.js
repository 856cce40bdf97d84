import { createNodeDescriptor } from "@cognigy/extension-tools";
import { measure } from "./core.js";
import { storeFields, runAndStore } from "./outcome.js";

/** Stores the size of the context. */
export const measureContext = createNodeDescriptor({
  type: "measureContext",
  defaultLabel: "Measure context",
  summary: "Stores the size of the context",
  fields: storeFields,
  function: ({ cognigy, config }) =>
    runAndStore(cognigy, config, () => ({ sizes: measure(cognigy.context) })),
});
