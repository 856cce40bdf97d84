/** Requests for sessions: injected and appended variables, context documents, and reads. */
import { idFields, optionalStringFields, queryFields } from "../client/call-fields.js";
import { InjectionPayload } from "../payload.js";
import type { PolicyArgument } from "../policy.js";
import { objectArgument, typeError } from "../util/arguments.js";
import type { VariablesQuery } from "../variables.js";
import { type PreparedRequest, prepareRequest, type RequestAddress, writeValue } from "./prepared-request.js";

/** The arguments of a request for a session. */
export interface SessionRequest extends RequestAddress {
  /** The session. */
  readonly sessionId: string;
}

/** The arguments of {@link injectRequest}. */
export interface InjectRequest extends RequestAddress {
  /** The variables to inject, and their session. */
  readonly payload: InjectionPayload;
}

/** The arguments of {@link appendVariablesRequest}. */
export interface AppendVariablesRequest extends SessionRequest {
  /** The values by name: an object or a `Map`. */
  readonly variables: unknown;
  /** Policy that the variables are checked against. Default: `injection`. */
  readonly policy?: PolicyArgument | undefined;
}

/** The arguments of {@link getVariablesRequest}: which variables to read, and which page. */
export interface GetVariablesRequest extends SessionRequest, VariablesQuery {
  /** The `nextCursor` of the previous page. Default: none, which reads the first page. */
  readonly cursor?: string | undefined;
}

/**
 * Builds the request that injects variables into a session. The server merges them.
 *
 * @param request the address and the payload
 * @returns the request
 * @throws {ValidationError} with every issue of the payload and its session id
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function injectRequest(request: InjectRequest): PreparedRequest {
  const { payload } = objectArgument("request", request);
  if (!(payload instanceof InjectionPayload)) throw typeError("payload", "an InjectionPayload", payload);
  const encode = () =>
    InjectionPayload.encode(payload, (text, now) => ({
      ...idFields({ sessionId: payload.sessionId }),
      payload: text,
      now,
    }));
  return prepareRequest("inject", request, encode);
}

/**
 * Builds the request that reads the variables that were injected into a session.
 *
 * @param request the address and the session
 * @returns the request
 * @throws {ValidationError} when the session id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function getInjectedRequest(request: SessionRequest): PreparedRequest {
  return prepareSessionRequest("getInjected", request);
}

/**
 * Builds the request that checks whether a session exists. If the session exists, the response has a 2xx
 * status, otherwise 404.
 *
 * @param request the address and the session
 * @returns the request
 * @throws {ValidationError} when the session id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function sessionExistsRequest(request: SessionRequest): PreparedRequest {
  return prepareSessionRequest("sessionExists", request);
}

/**
 * Builds the request that appends variables to a session through the v1 API.
 *
 * @param request the address, the session and the variables
 * @returns the request
 * @throws {ValidationError} with every issue of the session id and of the variables
 * @throws {ConfigurationError} when the base URL, a credential or the policy is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function appendVariablesRequest(request: AppendVariablesRequest): PreparedRequest {
  const { sessionId, variables, policy = "injection" } = objectArgument("request", request);
  const encode = (texts: string[]) => ({
    ...idFields({ sessionId }),
    length: writeValue(variables, texts),
  });
  return prepareRequest("appendVariables", request, encode, policy);
}

/**
 * Builds the request that reads a session's context document.
 *
 * @param request the address and the session
 * @returns the request
 * @throws {ValidationError} when the session id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function getDocumentRequest(request: SessionRequest): PreparedRequest {
  return prepareSessionRequest("getDocument", request);
}

/**
 * Builds the request that reads one page of a session's variables. `parseVariables` reads the response.
 *
 * @param request the address, the session, and which variables to read
 * @returns the request
 * @throws {ValidationError} when the session id is invalid
 * @throws {ConfigurationError} when the base URL or a credential is invalid
 * @throws {TypeError} when an argument has the wrong type
 */
export function getVariablesRequest(request: GetVariablesRequest): PreparedRequest {
  const { sessionId, cursor } = objectArgument("request", request);
  const encode = () => ({
    ...idFields({ sessionId }),
    ...queryFields(request),
    ...optionalStringFields({ cursor }),
  });
  return prepareRequest("getVariables", request, encode);
}

/** Builds a request whose only argument is the session. */
function prepareSessionRequest(operation: string, request: SessionRequest): PreparedRequest {
  const { sessionId } = objectArgument("request", request);
  return prepareRequest(operation, request, () => idFields({ sessionId }));
}
