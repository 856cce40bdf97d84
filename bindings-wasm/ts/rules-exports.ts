/** The API of every host: everything except the network client, schemas and context managers. */
export { type Applied, type ApplyOptions, applyTo, type FlowApi } from "./apply.js";
export { check, checkJson, measure, measureJson } from "./check.js";
export { codes } from "./codes.js";
export { coerce, type CoercionMode, type TypeHint } from "./coerce.js";
export { deepMerge, serializeContext } from "./context-document.js";
export * from "./errors.js";
export {
  type InjectionBody,
  InjectionPayload,
  type InjectionPayloadOptions,
  type InjectionVariable,
  Variable,
} from "./payload.js";
export {
  Policy,
  type PolicyArgument,
  type PolicyFields,
  type PolicyOverrides,
  type PresetName,
} from "./policy.js";
export type { Code, Issue, Severity, Sizes } from "./issue.js";
export { Report, ValidationError } from "./report.js";
export {
  type AppendVariablesRequest,
  appendVariablesRequest,
  type CreateProfileRequest,
  createProfileRequest,
  deleteProfileRequest,
  type DialogRequest,
  getDocumentRequest,
  getInjectedRequest,
  getProfileRequest,
  getStateRequest,
  type GetVariablesRequest,
  getVariablesRequest,
  type InjectContextRequest,
  injectContextRequest,
  type InjectRequest,
  injectRequest,
  type InjectStateRequest,
  injectStateRequest,
  type ListProfilesRequest,
  listProfilesRequest,
  type PreparedRequest,
  type ProfileRequest,
  type RequestAddress,
  type ResetContextRequest,
  resetContextRequest,
  resetStateRequest,
  sessionExistsRequest,
  type SessionRequest,
  type UpdateProfileRequest,
  updateProfileRequest,
  type UpdateStateRequest,
  updateStateRequest,
  type UserSessionRequest,
} from "./request.js";
export { debugView, resolveScopes } from "./scopes.js";
export { type StateBody, StateUpdate, type StateUpdateParts } from "./state.js";
export type { JsonText } from "./text.js";
export {
  type DebugEntry,
  parseVariables,
  type ParseVariablesOptions,
  type ScopedVariable,
  type ShadowedVariable,
  Variables,
  type VariablesQuery,
  variablesUrl,
} from "./variables.js";
export {
  hashSessionId,
  type WebhookEvent,
  webhookVariables,
  type WebhookVariables,
} from "./webhook.js";
