import { named } from "./named.js";
import type { Report } from "./report.js";

/** Facts about a call that failed; all of them are there only where they are known. */
export interface FailureFacts {
  /** The HTTP status of the answer. */
  readonly status?: number;
  /** Which operation, for example `inject_context`. */
  readonly operation?: string;
  /** The SHA-256 of the session's or dialog's id; the id itself is in no error. */
  readonly session?: string;
  /** How many requests were sent for it, those for tokens not counted. */
  readonly attempts?: number;
  /** Whether the same call may well succeed later. */
  readonly retryable?: boolean;
  /** What to do about it. */
  readonly hint?: string;
  /** The platform's own error code: a number, or a word where a server gives one. */
  readonly code?: number | string;
  /** The platform's trace id, for its support. */
  readonly traceId?: string;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter?: number;
  /** Of a conflict: the tag of what is there now, to be given as `ifMatch`. */
  readonly currentTag?: string;
  /** Whether it was the request for a token that failed, so that the call itself was not sent. */
  readonly duringToken?: boolean;
  /** What the host's own network code, or `getToken`, threw. */
  readonly cause?: unknown;
}

/** The root of every error of this package. */
export class CognigyError extends Error implements FailureFacts {
  static {
    setName(this, "CognigyError");
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

/** Data was not fit to be sent, or was not kept; {@link report} says why, with every issue. */
export class ValidationError extends CognigyError {
  static {
    setName(this, "ValidationError");
  }
  /** Everything that was found. */
  readonly report: Report;

  /** @internal */
  constructor(report: Report) {
    super(String(report));
    this.report = report;
  }
}

/** A client or policy that was set up wrongly; the message says what to give. */
export class ConfigurationError extends CognigyError {
  static {
    setName(this, "ConfigurationError");
  }
}

/** 401: the credentials were not accepted. */
export class AuthenticationError extends CognigyError {
  static {
    setName(this, "AuthenticationError");
  }
}

/** 403: the credentials do not allow this. */
export class PermissionDeniedError extends CognigyError {
  static {
    setName(this, "PermissionDeniedError");
  }
}

/** 404: there is no session or dialog of this id. */
export class SessionNotFoundError extends CognigyError {
  static {
    setName(this, "SessionNotFoundError");
  }
}

/** 409: somebody else changed it meanwhile. */
export class ConflictError extends CognigyError {
  static {
    setName(this, "ConflictError");
  }
}

/** 409 or 412 on a dialog's state. */
export class StateConflictError extends ConflictError {
  static {
    setName(this, "StateConflictError");
  }
}

/** 429: too many requests; {@link retryAfter} says when to ask again, if the server did. */
export class RateLimitError extends CognigyError {
  static {
    setName(this, "RateLimitError");
  }
}

/** Any other 4xx: the server refused the request as it is. */
export class BadRequestError extends CognigyError {
  static {
    setName(this, "BadRequestError");
  }
}

/** 5xx: the server failed. */
export class ServerError extends CognigyError {
  static {
    setName(this, "ServerError");
  }
}

/** The server was not reached, or the connection broke; `cause` is what the host said of it. */
export class NetworkError extends CognigyError {
  static {
    setName(this, "NetworkError");
  }
}

/** The time for the call ran out. */
export class DeadlineError extends CognigyError {
  static {
    setName(this, "DeadlineError");
  }
}

/** The answer is not what the API promises. */
export class ProtocolError extends CognigyError {
  static {
    setName(this, "ProtocolError");
  }
}

/**
 * A defect of this package stopped its core in the middle of a call; `cause` is what stopped it. What
 * the call was to do may have been done or not. The core is made anew: other calls work, policies,
 * schemas and clients too. Please report it.
 */
export class InternalError extends CognigyError {
  static {
    setName(this, "InternalError");
  }

  /** @internal */
  constructor(cause?: unknown, message = "a defect stopped the core of cognigy-context in the middle of a call") {
    super(message, { cause, hint: "Please report it, with the cause. The package works on." });
  }
}

/** The name stands on the prototype, as for the language's own errors, and survives minifying. */
function setName(type: { readonly name: string; prototype: Error }, name: string): void {
  named(type, name);
  Object.defineProperty(type.prototype, "name", { value: name, configurable: true, writable: true });
}
