/** Conversion of the core's errors to error classes. */
import {
  AuthenticationError,
  BadRequestError,
  CognigyError,
  ConfigurationError,
  ConflictError,
  DeadlineError,
  NetworkError,
  PermissionDeniedError,
  ProtocolError,
  RateLimitError,
  ServerError,
  SessionNotFoundError,
  StateConflictError,
} from "./errors.js";
import { type CoreReport, toReport, ValidationError } from "./report.js";
import { camelCase, renameKeys } from "./util/naming.js";

/** The class of each error kind of the core. A test checks that the table is complete. */
export const CLASS_OF_KIND = {
  authentication: AuthenticationError,
  permission_denied: PermissionDeniedError,
  session_not_found: SessionNotFoundError,
  conflict: ConflictError,
  state_conflict: StateConflictError,
  rate_limit: RateLimitError,
  bad_request: BadRequestError,
  server: ServerError,
  network: NetworkError,
  deadline: DeadlineError,
  protocol: ProtocolError,
} as const;

type Kind = keyof typeof CLASS_OF_KIND;

/** An error as the core writes it. */
type CoreError =
  | { kind: "validation"; report: Omit<CoreReport, "text">; message: string }
  | { kind: "configuration"; message: string; field?: string }
  | ({ kind: Kind; message: string } & Record<string, unknown>);

/**
 * Returns the error for JSON text that the core threw. Returns anything else unchanged, for example an
 * exception of the host.
 *
 * @param cause the exception of `fetch` or of `getToken`; only API errors have one
 */
export function toError(thrown: unknown, cause?: unknown): unknown {
  if (typeof thrown !== "string") return thrown;
  const error = JSON.parse(thrown) as CoreError;
  switch (error.kind) {
    case "validation":
      return new ValidationError(toReport({ ...error.report, text: error.message }));
    case "configuration":
      return new ConfigurationError(error.field ? spellOptions(error.message) : error.message);
    default: {
      const { kind, message, ...facts } = error;
      const type = Object.hasOwn(CLASS_OF_KIND, kind) ? CLASS_OF_KIND[kind] : undefined;
      if (!type) return new CognigyError(`unknown error kind ${String(kind)}: ${message}`);
      return new type(message, { ...renameKeys(facts, camelCase), cause });
    }
  }
}

/** Converts the option names in a message to camelCase. The core writes option names in backticks. */
function spellOptions(message: string): string {
  return message.replace(/`[a-z_]+`/g, camelCase);
}

/** Calls `callCore`, and throws an error of the core as an error class of this package. */
export function withMappedErrors<T>(callCore: () => T): T {
  try {
    return callCore();
  } catch (error) {
    throw toError(error);
  }
}
