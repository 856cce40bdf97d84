import { createNodeDescriptor } from "@cognigy/extension-tools";
import { measure } from "./core.js";
import { storeFields, storing } from "./outcome.js";

/** Stores how large the context is. */
export const measureContext = createNodeDescriptor({
  type: "measureContext",
  defaultLabel: "Measure context",
  summary: "Stores how large the context is",
  fields: storeFields,
  function: ({ cognigy, config }) =>
    storing(cognigy, config, () => ({ sizes: measure(cognigy.context) })),
});
