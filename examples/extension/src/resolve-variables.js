import { createNodeDescriptor } from "@cognigy/extension-tools";
import { debugView, parseVariables } from "./core.js";
import { storeFields, runAndStore } from "./outcome.js";

/** Reads a response with session variables that an HTTP Request node has stored. */
export const resolveVariables = createNodeDescriptor({
  type: "resolveVariables",
  defaultLabel: "Resolve variables",
  summary: "Stores the resolved value of each name",
  fields: [
    { key: "response", type: "json", label: "Response of the variables API" },
    {
      key: "mode",
      type: "select",
      label: "How text becomes values",
      defaultValue: "lossless",
      params: {
        options: [
          { label: "Only where nothing is lost", value: "lossless" },
          { label: "As Python scripts do", value: "compat" },
        ],
        required: true,
      },
    },
    ...storeFields,
  ],
  function: ({ cognigy, config: { response, mode, ...config } }) =>
    runAndStore(cognigy, config, () => {
      const text = typeof response === "string" ? response : (JSON.stringify(response) ?? "");
      const variables = parseVariables(text, { mode });
      const values = Object.fromEntries([...variables].map(([name, { value }]) => [name, value]));
      return { values, view: debugView(variables), issues: variables.issues };
    }),
});
