import { setErrorName } from "./util/classes.js";

/** Facts about a failed call. Each is present only if it is known. */
export interface FailureFacts {
  /** The HTTP status of the response. */
  readonly status?: number;
  /** The operation, for example `inject_context`. */
  readonly operation?: string;
  /** The SHA-256 of the session or dialog id. No error contains the id itself. */
  readonly session?: string;
  /** Number of requests that were sent for the call, not counting requests for tokens. */
  readonly attempts?: number;
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean;
  /** What to do about the failure. */
  readonly hint?: string;
  /** The error code of the platform: a number, or text if the server sends text. */
  readonly code?: number | string;
  /** The platform's trace id, to quote in a support request. */
  readonly traceId?: string;
  /** Seconds to wait before the next request, from the server's `Retry-After`. */
  readonly retryAfter?: number;
  /** After a conflict: the current tag of the state, to pass as `ifMatch`. */
  readonly currentTag?: string;
  /** Whether the token request failed, so that the call itself was not sent. */
  readonly duringToken?: boolean;
  /** The exception of `fetch` or of `getToken`. */
  readonly cause?: unknown;
}

/**
 * The base class of the errors of this package. Messages never contain values, keys or ids. An argument of
 * the wrong type is a `TypeError` of the language instead, and input that does not fit into memory a
 * `RangeError`.
 *
 * @example
 * ```js
 * try {
 *   await client.injectContext("session-1", "user-1", context);
 * } catch (error) {
 *   if (error instanceof CognigyError && error.retryable) scheduleRetry(error.retryAfter ?? 1);
 *   else throw error;
 * }
 * ```
 */
export class CognigyError extends Error implements FailureFacts {
  static {
    setErrorName(this, "CognigyError");
  }
  declare readonly status?: number;
  declare readonly operation?: string;
  declare readonly session?: string;
  declare readonly attempts?: number;
  declare readonly hint?: string;
  declare readonly code?: number | string;
  declare readonly traceId?: string;
  declare readonly retryAfter?: number;
  declare readonly currentTag?: string;
  declare readonly duringToken?: boolean;
  readonly retryable: boolean;

  /** @internal */
  constructor(message: string, facts: FailureFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    const { retryable = false, cause: _, ...others } = facts;
    this.retryable = retryable;
    for (const [name, fact] of Object.entries(others)) {
      if (fact !== undefined && fact !== null) (this as Record<string, unknown>)[name] = fact;
    }
  }
}

/**
 * An option is missing or invalid, or an object was freed or its module is not loaded. The message says what
 * to do.
 */
export class ConfigurationError extends CognigyError {
  static {
    setErrorName(this, "ConfigurationError");
  }
}

/** 401: the server rejected the credentials. Also: there is no token, for example because `getToken` threw. */
export class AuthenticationError extends CognigyError {
  static {
    setErrorName(this, "AuthenticationError");
  }
}

/** 403: the credentials do not permit the operation. */
export class PermissionDeniedError extends CognigyError {
  static {
    setErrorName(this, "PermissionDeniedError");
  }
}

/** 404: no session or dialog has this id. */
export class SessionNotFoundError extends CognigyError {
  static {
    setErrorName(this, "SessionNotFoundError");
  }
}

/** 409: another writer changed the data in the meantime. */
export class ConflictError extends CognigyError {
  static {
    setErrorName(this, "ConflictError");
  }
}

/** 409 or 412: another writer changed the dialog's state. `currentTag` is its new tag, if it is known. */
export class StateConflictError extends ConflictError {
  static {
    setErrorName(this, "StateConflictError");
  }
}

/**
 * 429: too many requests. Also: the client's rate limit or a `Retry-After` delays the call beyond its
 * deadline. `retryAfter` is the time to wait in seconds, if it is known.
 */
export class RateLimitError extends CognigyError {
  static {
    setErrorName(this, "RateLimitError");
  }
}

/** Any other 4xx status: the server rejected the request. */
export class BadRequestError extends CognigyError {
  static {
    setErrorName(this, "BadRequestError");
  }
}

/** 5xx: the server failed. */
export class ServerError extends CognigyError {
  static {
    setErrorName(this, "ServerError");
  }
}

/** The server was not reached, or the connection broke. `cause` is the exception of `fetch`. */
export class NetworkError extends CognigyError {
  static {
    setErrorName(this, "NetworkError");
  }
}

/** The call did not finish before its deadline. */
export class DeadlineError extends CognigyError {
  static {
    setErrorName(this, "DeadlineError");
  }
}

/** The response does not have the documented form. */
export class ProtocolError extends CognigyError {
  static {
    setErrorName(this, "ProtocolError");
  }
}

/**
 * A defect of this package stopped its core during a call. `cause` is the exception that stopped it. The
 * operation may or may not have taken effect. The core starts again by itself: later calls, policies,
 * schemas and clients continue to work, but a context manager loses its contexts. Please report the defect.
 */
export class InternalError extends CognigyError {
  static {
    setErrorName(this, "InternalError");
  }

  /** @internal */
  constructor(cause?: unknown, message = "the core of cognigy-context stopped during a call") {
    super(message, {
      cause,
      hint: "This is a defect of cognigy-context: report it with the cause. Other calls continue to work.",
    });
  }
}
