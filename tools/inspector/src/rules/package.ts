/** The package, as it runs in Code nodes: everything but the network client, in the smallest form. */
import rules from "cognigy-context/code-node.js";

export const {
  check,
  checkJson,
  CognigyError,
  coerce,
  debugView,
  deepMerge,
  InjectionPayload,
  measure,
  parseVariables,
  Policy,
  resolveScopes,
  StateUpdate,
  ValidationError,
} = rules;
