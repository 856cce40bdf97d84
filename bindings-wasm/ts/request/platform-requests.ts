/** Requests for the contexts and states of the platform (`/new/v2.0`). */
import { encodeId, idFields } from "../client/call-fields.js";
import { writeInjectionText } from "../injection.js";
import type { PolicyArgument } from "../policy.js";
import { objectArgument } from "../util/arguments.js";
import { type PreparedRequest, prepareRequest } from "./prepared-request.js";
import type { SessionRequest } from "./session-requests.js";

/** The arguments of a request for a user's session on the platform. */
export interface UserSessionRequest extends SessionRequest {
  /** The user of the session. */
  readonly userId: string;
}

/** The arguments of {@link injectContextRequest}. */
export interface InjectContextRequest extends UserSessionRequest {
  /** The top-level keys to write, with their values. */
  readonly context: unknown;
  /** The session's current context. Default: an empty context. */
  readonly existing?: unknown;
  /** Policy that the context is checked against. Default: `platform`. */
  readonly policy?: PolicyArgument | undefined;
}

/** The arguments of {@link resetContextRequest}. */
export interface ResetContextRequest extends UserSessionRequest {
  /** Reference id of the flow. */
  readonly flowReferenceId: string;
  /** Entry point of the flow. */
  readonly entrypoint: string;
}

/** The arguments of {@link injectStateRequest}. */
export interface InjectStateRequest extends UserSessionRequest {
  /** Name of the state, not empty. */
  readonly state: string;
}

/**
 * Builds the request that writes top-level keys into a session's context.
 *
 * @param request the address, the session, its user and the context
 * @returns the request
 * @throws {ValidationError} with every issue of the ids and of the context
 * @throws {ConfigurationError} when the base URL, a credential or the policy is invalid
 * @throws {TypeError} when an argument has the wrong type
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
  const { sessionId, userId, context, existing, policy } = objectArgument("request", request);
  const encode = (texts: string[]) => {
    const { input, text } = writeInjectionText(context, existing);
    texts.push(text);
    return {
      sessionId: encodeId("sessionId", sessionId),
      userId: encodeId("userId", userId),
      context: input.context,
      existing: input.existing,
      sentinels: input.sentinels,
    };
  };
  return prepareRequest("injectContext", request, encode, policy);
}

/**
 * Builds the request that resets a session's context to the context of a flow's entry point.
 *
 * @param request the address, the session, its user, the flow and the entry point
 * @returns the request
 * @throws {ValidationError} when an id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function resetContextRequest(request: ResetContextRequest): PreparedRequest {
  const { sessionId, userId, flowReferenceId, entrypoint } = objectArgument("request", request);
  const encode = () => idFields({ sessionId, userId, flowReferenceId, entrypoint });
  return prepareRequest("resetContext", request, encode);
}

/**
 * Builds the request that sets the state of a session. The platform deprecated states in 2026.7 and
 * removes them in 2026.12.
 *
 * @param request the address, the session, its user and the state
 * @returns the request
 * @throws {ValidationError} when an id is invalid or the state is empty
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function injectStateRequest(request: InjectStateRequest): PreparedRequest {
  const { sessionId, userId, state } = objectArgument("request", request);
  return prepareRequest("injectState", request, () => idFields({ sessionId, userId, state }));
}

/**
 * Builds the request that resets the state of a session. The platform deprecated states in 2026.7 and
 * removes them in 2026.12.
 *
 * @param request the address, the session and its user
 * @returns the request
 * @throws {ValidationError} when an id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function resetStateRequest(request: UserSessionRequest): PreparedRequest {
  const { sessionId, userId } = objectArgument("request", request);
  return prepareRequest("resetState", request, () => idFields({ sessionId, userId }));
}
