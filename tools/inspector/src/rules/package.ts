/** The Code-node build of the package: the smallest build, without the network client, schemas and context managers. */
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
