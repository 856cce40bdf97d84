/** How the nodes hand on what they found. */

/** The fields of a node that says where its outcome belongs. */
export const storeFields = [
  {
    key: "storeLocation",
    type: "select",
    label: "Where to store the outcome",
    defaultValue: "input",
    params: {
      options: [
        { label: "Input", value: "input" },
        { label: "Context", value: "context" },
      ],
      required: true,
    },
  },
  {
    key: "storeKey",
    type: "cognigyText",
    label: "Key to store the outcome under",
    defaultValue: "cognigyContext",
    params: { required: true },
  },
];

/** The field for a preset's name. */
export const policyField = {
  key: "policy",
  type: "select",
  label: "Rules",
  defaultValue: "platform",
  params: {
    options: ["platform", "platform_app", "injection", "context", "state"].map((name) => ({
      label: name,
      value: name,
    })),
    required: true,
  },
};

/** Stores an outcome where the node's configuration says. */
export function store({ api, input }, { storeLocation, storeKey }, outcome) {
  if (storeLocation === "context") api.addToContext(storeKey, outcome, "simple");
  else input[storeKey] = outcome;
}

/**
 * Runs the work of a node and stores what it answers. What is thrown is stored and logged instead, so
 * that the flow goes on; messages of `cognigy-context` never hold values.
 */
export async function storing(cognigy, config, work) {
  let outcome;
  try {
    outcome = { ok: true, ...(await work()) };
  } catch (error) {
    outcome = {
      ok: false,
      error: error.name,
      message: error.message,
      ...(error.report ? { issues: error.report.issues } : {}),
    };
  }
  if (!outcome.ok) cognigy.api.log?.("error", outcome.message ?? "cognigy-context: errors were found");
  store(cognigy, config, outcome);
}
