import { createNodeDescriptor } from "@cognigy/extension-tools";
import { debugView, parseVariables } from "./core.js";
import { storeFields, storing } from "./outcome.js";

/** Reads an answer of session variables, as an HTTP Request node has stored it. */
export const resolveVariables = createNodeDescriptor({
  type: "resolveVariables",
  defaultLabel: "Resolve variables",
  summary: "Stores the value that counts for each name",
  fields: [
    { key: "answer", type: "json", label: "Answer of the variables API" },
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
  function: ({ cognigy, config: { answer, mode, ...config } }) =>
    storing(cognigy, config, () => {
      const text = typeof answer === "string" ? answer : (JSON.stringify(answer) ?? "");
      const variables = parseVariables(text, { mode });
      const values = Object.fromEntries([...variables].map(([name, { value }]) => [name, value]));
      return { values, view: debugView(variables), issues: variables.issues };
    }),
});
