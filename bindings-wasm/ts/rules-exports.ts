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
  type DialogRequest,
  getStateRequest,
  type UpdateStateRequest,
  updateStateRequest,
} from "./request/dialog-requests.js";
export {
  type InjectContextRequest,
  injectContextRequest,
  type InjectStateRequest,
  injectStateRequest,
  type ResetContextRequest,
  resetContextRequest,
  resetStateRequest,
  type UserSessionRequest,
} from "./request/platform-requests.js";
export type { PreparedRequest, RequestAddress } from "./request/prepared-request.js";
export {
  type CreateProfileRequest,
  createProfileRequest,
  deleteProfileRequest,
  getProfileRequest,
  type ListProfilesRequest,
  listProfilesRequest,
  type ProfileRequest,
  type UpdateProfileRequest,
  updateProfileRequest,
} from "./request/profile-requests.js";
export {
  type AppendVariablesRequest,
  appendVariablesRequest,
  getDocumentRequest,
  getInjectedRequest,
  type GetVariablesRequest,
  getVariablesRequest,
  type InjectRequest,
  injectRequest,
  sessionExistsRequest,
  type SessionRequest,
} from "./request/session-requests.js";
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
  type WebhookOptions,
  webhookVariables,
  type WebhookVariables,
} from "./webhook.js";
