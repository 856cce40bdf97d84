/** From the core's failures to error classes. */
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
  ValidationError,
} from "./errors.js";
import { camelCase, renameKeys } from "./names.js";
import { type CoreReport, reportOf } from "./report.js";

/** The class for each kind of failure that the core knows. A test holds it complete. */
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

/** An error as the core tells of it. */
type CoreError =
  | { kind: "validation"; report: Omit<CoreReport, "text">; message: string }
  | { kind: "configuration"; message: string; field?: string }
  | ({ kind: Kind; message: string } & Record<string, unknown>);

/**
 * The error that was thrown by the core as JSON text. Anything else, such as a defect of the
 * host's own, is given back as it is.
 */
export function errorOf(thrown: unknown, cause?: unknown): unknown {
  if (typeof thrown !== "string") return thrown;
  const error = JSON.parse(thrown) as CoreError;
  switch (error.kind) {
    case "validation":
      return new ValidationError(reportOf({ ...error.report, text: error.message }));
    case "configuration":
      return new ConfigurationError(error.field ? spellOptions(error.message) : error.message);
    default: {
      const { kind, message, ...facts } = error;
      const type = Object.hasOwn(CLASS_OF_KIND, kind) ? CLASS_OF_KIND[kind] : undefined;
      if (!type) return new CognigyError(`unknown kind of failure, ${String(kind)}: ${message}`);
      return new type(message, { ...renameKeys(facts, camelCase), cause });
    }
  }
}

/** Spells the names of options, which a message about an option has in backticks, in camelCase. */
function spellOptions(message: string): string {
  return message.replace(/`[a-z_]+`/g, camelCase);
}

/** Runs work that may throw the core's JSON. */
export function throwing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw errorOf(error);
  }
}
