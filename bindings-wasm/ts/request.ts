/**
 * Requests that are checked and ready, for a host that sends them itself, such as a flow's HTTP
 * Request node. Each has the name of the client's operation that would send it.
 */
import { withMappedErrors } from "./error-mapping.js";
import {
  type CallFields,
  encodeId,
  idFields,
  optionalStringFields,
  queryFields,
} from "./client/call-fields.js";
import { requireOptionalString } from "./util/arguments.js";
import { writeInjectionText } from "./injection.js";
import { toJson } from "./json.js";
import { InjectionPayload } from "./payload.js";
import { type PolicyArgument, withPolicy } from "./policy.js";
import { StateUpdate, type StateUpdateParts } from "./state.js";
import type { VariablesQuery } from "./variables.js";
import { PLACEHOLDER } from "./text.js";
import { ensureStarted, writeText } from "./wasm.js";

/** Where a request goes, and what it proves its right with. */
export interface RequestAddress {
  /** Where the tenant's API is, for example `https://api-trial.cognigy.ai`. */
  readonly baseUrl: string;
  /** The key that is sent as `X-API-Key`; without one, add the credentials yourself. */
  readonly apiKey?: string | undefined;
  /** The token that is sent as `Authorization: Bearer`, where there is no key. */
  readonly bearerToken?: string | undefined;
}

/** A request about a session. */
export interface SessionRequest extends RequestAddress {
  /** The session; percent-encoded whole. */
  readonly sessionId: string;
}

/** A request about a user's session on the real platform. */
export interface UserSessionRequest extends SessionRequest {
  /** The user of that session. */
  readonly userId: string;
}

/** What an injection is made of. */
export interface InjectContextRequest extends UserSessionRequest {
  /** The top-level keys to write, with their values. */
  readonly context: unknown;
  /** The context that the session already holds; without it, it counts as empty. */
  readonly existing?: unknown;
  /** What the context is held against; without it, `platform`. */
  readonly policy?: PolicyArgument | undefined;
}

/** Variables for a session, which the payload names. */
export interface InjectRequest extends RequestAddress {
  readonly payload: InjectionPayload;
}

/** Variables to append. */
export interface AppendVariablesRequest extends SessionRequest {
  /** Names to values. */
  readonly variables: unknown;
  /** What the variables are held against; without it, `injection`. */
  readonly policy?: PolicyArgument | undefined;
}

/** Which page of which variables is read. */
export interface GetVariablesRequest extends SessionRequest, VariablesQuery {
  /** Where the page before said that there is more; without it, the first page. */
  readonly cursor?: string | undefined;
}

/** A request about a dialog. */
export interface DialogRequest extends RequestAddress {
  /** The dialog; percent-encoded whole. */
  readonly dialogId: string;
}

/** An update of a dialog's state. */
export interface UpdateStateRequest extends DialogRequest {
  readonly update: StateUpdate | StateUpdateParts;
  /** Only where the state still has this tag. */
  readonly ifMatch?: string | undefined;
}

/** A context that is set back to that of a flow's entry point. */
export interface ResetContextRequest extends UserSessionRequest {
  readonly flowReferenceId: string;
  readonly entrypoint: string;
}

/** A state that is set. */
export interface InjectStateRequest extends UserSessionRequest {
  readonly state: string;
}

/** Which profiles are listed. */
export interface ListProfilesRequest extends RequestAddress {
  /** What goes into the address: `limit`, `skip`, `filter` and others that the platform takes. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

/** A request about a profile. */
export interface ProfileRequest extends RequestAddress {
  /** The profile: 24 letters and digits. */
  readonly profileId: string;
}

/** A profile to make. */
export interface CreateProfileRequest extends RequestAddress {
  /** `{profile?, active?, contactIds?}` */
  readonly profile: object;
}

/** A profile to change. */
export interface UpdateProfileRequest extends ProfileRequest {
  /** `{profile?, active?, contactIds?}` */
  readonly changes: object;
}

/** A request that anything can send that speaks HTTP. */
export interface PreparedRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, to be sent as it is; `null` where there is none. */
  readonly body: string | null;
}

/**
 * The request that injects a context into a session of the real platform.
 *
 * @throws {ValidationError} when the context or an id must not be sent
 * @throws {ConfigurationError} when the base URL or the policy is none
 *
 * @example
 * ```js
 * const { method, url, headers, body } = injectContextRequest({
 *   baseUrl: "https://api-trial.cognigy.ai",
 *   apiKey: "…",
 *   sessionId: "session-1",
 *   userId: "user-1",
 *   context: { tier: "gold" },
 * });
 * ```
 */
export function injectContextRequest(request: InjectContextRequest): PreparedRequest {
  const { sessionId, userId, context, existing, policy } = request;
  const fields = (kept: string[]) => {
    const { input, text } = writeInjectionText(context, existing);
    kept.push(text);
    return {
      sessionId: encodeId("sessionId", sessionId),
      userId: encodeId("userId", userId),
      context: input.context,
      existing: input.existing,
      sentinels: input.sentinels,
    };
  };
  return prepared("injectContext", request, fields, policy);
}

/**
 * The request that sets a session's context back to that of the entry point of a flow.
 *
 * @throws {ValidationError} when an id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function resetContextRequest(request: ResetContextRequest): PreparedRequest {
  const { sessionId, userId, flowReferenceId, entrypoint } = request;
  return prepared("resetContext", request, () => idFields({ sessionId, userId, flowReferenceId, entrypoint }));
}

/**
 * The request that sets the state of a session. The platform is giving states up (deprecated in
 * 2026.7, to be removed in 2026.12).
 *
 * @throws {ValidationError} when an id can be none, or the state is empty
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function injectStateRequest(request: InjectStateRequest): PreparedRequest {
  const { sessionId, userId, state } = request;
  return prepared("injectState", request, () => idFields({ sessionId, userId, state }));
}

/**
 * The request that sets the state of a session back.
 *
 * @throws {ValidationError} when an id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function resetStateRequest(request: UserSessionRequest): PreparedRequest {
  const { sessionId, userId } = request;
  return prepared("resetState", request, () => idFields({ sessionId, userId }));
}

/**
 * The request that injects variables, which the server merges.
 *
 * @throws {ValidationError} with every issue of the payload and its session's id
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function injectRequest(request: InjectRequest): PreparedRequest {
  const { payload } = request;
  const fields = () =>
    InjectionPayload.encode(payload, (text, now) => ({
      ...idFields({ sessionId: payload.sessionId }),
      payload: text,
      now,
    }));
  return prepared("inject", request, fields);
}

/**
 * The request that reads what was injected.
 *
 * @throws {ValidationError} when the session id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function getInjectedRequest(request: SessionRequest): PreparedRequest {
  return ofSession("getInjected", request);
}

/**
 * The request that asks whether there is such a session.
 *
 * @throws {ValidationError} when the session id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function sessionExistsRequest(request: SessionRequest): PreparedRequest {
  return ofSession("sessionExists", request);
}

/**
 * The request that appends variables.
 *
 * @throws {ValidationError} with every issue of the id and of the variables
 * @throws {ConfigurationError} when the base URL, a credential or the policy is none
 */
export function appendVariablesRequest(request: AppendVariablesRequest): PreparedRequest {
  const { sessionId, variables, policy = "injection" } = request;
  const fields = (kept: string[]) => ({ ...idFields({ sessionId }), length: write(variables, kept) });
  return prepared("appendVariables", request, fields, policy);
}

/**
 * The request that reads a session's context document.
 *
 * @throws {ValidationError} when the session id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function getDocumentRequest(request: SessionRequest): PreparedRequest {
  return ofSession("getDocument", request);
}

/**
 * The request that reads a page of a session's variables. `parseVariables` reads its answer.
 *
 * @throws {ValidationError} when the session id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function getVariablesRequest(request: GetVariablesRequest): PreparedRequest {
  const { sessionId, cursor } = request;
  const fields = () => ({ ...idFields({ sessionId }), ...queryFields(request), ...optionalStringFields({ cursor }) });
  return prepared("getVariables", request, fields);
}

/**
 * The request that reads the state of a dialog.
 *
 * @throws {ValidationError} when the dialog id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function getStateRequest(request: DialogRequest): PreparedRequest {
  const { dialogId } = request;
  return prepared("getState", request, () => idFields({ dialogId }));
}

/**
 * The request that updates the state of a dialog.
 *
 * @throws {ValidationError} with every issue of the id and of the update
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function updateStateRequest(request: UpdateStateRequest): PreparedRequest {
  const { dialogId, update, ifMatch } = request;
  const fields = () => {
    const whole = update instanceof StateUpdate ? update : new StateUpdate(update);
    return StateUpdate.encode(whole, (session, user, nextStep) => ({
      ...idFields({ dialogId }),
      ...optionalStringFields({ ifMatch }),
      session,
      user,
      nextStep,
    }));
  };
  return prepared("updateState", request, fields);
}

/**
 * The request that lists profiles.
 *
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function listProfilesRequest(request: ListProfilesRequest): PreparedRequest {
  const pairs = Object.entries(request.query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)]);
  return prepared("listProfiles", request, () => ({ query: JSON.stringify(pairs) }));
}

/**
 * The request that reads a profile.
 *
 * @throws {ValidationError} when the profile id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function getProfileRequest(request: ProfileRequest): PreparedRequest {
  const { profileId } = request;
  return prepared("getProfile", request, () => idFields({ profileId }));
}

/**
 * The request that makes a profile.
 *
 * @throws {ValidationError} with every issue of the fields
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function createProfileRequest(request: CreateProfileRequest): PreparedRequest {
  return prepared("createProfile", request, (kept) => ({ length: write(request.profile, kept) }));
}

/**
 * The request that changes a profile.
 *
 * @throws {ValidationError} with every issue of the id and of the fields
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function updateProfileRequest(request: UpdateProfileRequest): PreparedRequest {
  const { profileId, changes } = request;
  const fields = (kept: string[]) => ({ ...idFields({ profileId }), length: write(changes, kept) });
  return prepared("updateProfile", request, fields);
}

/**
 * The request that deletes a profile.
 *
 * @throws {ValidationError} when the profile id can be none
 * @throws {ConfigurationError} when the base URL or a credential is none
 */
export function deleteProfileRequest(request: ProfileRequest): PreparedRequest {
  const { profileId } = request;
  return prepared("deleteProfile", request, () => idFields({ profileId }));
}

function ofSession(operation: string, request: SessionRequest): PreparedRequest {
  const { sessionId } = request;
  return prepared(operation, request, () => idFields({ sessionId }));
}

/** Writes a value into the input buffer, and keeps its text for the body. */
function write(value: unknown, kept: string[]): number {
  const { text } = toJson(value, ensureStarted().maxNesting);
  kept.push(text);
  return writeText(text);
}

/**
 * Has the core check and write a request.
 *
 * @param fields says what the core is told; it is given a list for the texts that it writes into the
 *   buffer and that go into the body
 */
function prepared(
  operation: string,
  { baseUrl, apiKey, bearerToken }: RequestAddress,
  fields: (kept: string[]) => CallFields,
  policy: PolicyArgument = "platform",
): PreparedRequest {
  if (typeof baseUrl !== "string") throw new TypeError("baseUrl must be a string");
  requireOptionalString("apiKey", apiKey);
  requireOptionalString("bearerToken", bearerToken);
  return withPolicy(policy, (handle) => {
    // All of the caller's code runs here; then comes the core, before anybody else uses the buffer.
    const kept: string[] = [];
    const given = fields(kept);
    given.baseUrl = baseUrl;
    given.apiKey = apiKey;
    given.bearerToken = bearerToken;
    const text = JSON.stringify(given);
    const told = withMappedErrors(() => handle.request(operation, text));
    // JSON of one line, and behind it the body.
    const line = told.indexOf("\n");
    const { method, url, headers } = JSON.parse(line < 0 ? told : told.slice(0, line)) as PreparedRequest;
    return { method, url, headers, body: line < 0 ? null : filled(told.slice(line + 1), kept) };
  });
}

/** A body of the core's with the texts where it has places for them. */
function filled(body: string, kept: readonly string[]): string {
  const [first = "", ...others] = body.split(PLACEHOLDER);
  return others.reduce((whole, piece, index) => whole + (kept[index] ?? "") + piece, first);
}
