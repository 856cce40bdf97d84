/** Runs the nodes and stores their outcomes. */

/** The fields that configure where a node stores its outcome. */
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

/** The field for the name of a policy preset. */
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

/** Stores an outcome at the configured location. */
export function store({ api, input }, { storeLocation, storeKey }, outcome) {
  if (storeLocation === "context") api.addToContext(storeKey, outcome, "simple");
  else input[storeKey] = outcome;
}

/**
 * Runs a node's function and stores its result. An error is stored and logged instead, so that the flow
 * continues; messages of `cognigy-context` never contain values.
 */
export async function runAndStore(cognigy, config, run) {
  let outcome;
  try {
    outcome = { ok: true, ...(await run()) };
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
