/** The issues and sizes of a report. */

/** The kind of an issue. Codes do not change, and are the same in every language. */
export type Code =
  | "invalid_name"
  | "name_too_long"
  | "reserved_prefix"
  | "platform_key"
  | "unreadable_key"
  | "null_value"
  | "non_finite_number"
  | "unsafe_integer"
  | "lone_surrogate"
  | "non_string_key"
  | "duplicate_key"
  | "nesting_too_deep"
  | "value_too_large"
  | "payload_too_large"
  | "context_too_large"
  | "near_limit"
  | "would_be_replaced"
  | "unserializable_type"
  | "circular_reference"
  | "invalid_json"
  | "coercion_failed"
  | "schema_violation"
  | "schema_limit"
  | "duplicate_variable"
  | "invalid_scope"
  | "invalid_timestamp"
  | "expired"
  | "missing_field"
  | "wrong_type"
  | "empty_update"
  | "invalid_id";

/** Whether an issue stops the data from being sent: an `error` does, a `warning` does not. */
export type Severity = "error" | "warning";

/**
 * One issue that a check found. It contains paths, types and sizes, but never a value, because context
 * data is personal data.
 */
export interface Issue {
  /** The kind of issue. */
  readonly code: Code;
  /** Whether the issue stops the data from being sent. */
  readonly severity: Severity;
  /** Where the issue is, as a JSON Pointer (RFC 6901). `""` is the root of the value. */
  readonly path: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** The limit that the value exceeds, in the unit that the message names. */
  readonly limit?: number;
  /** The measured value, in the unit of `limit`. */
  readonly actual?: number;
  /** What to do about it. */
  readonly hint?: string;
}

/** The sizes of a value, in the units of the limits. */
export interface Sizes {
  /** Number of bytes of the compact JSON text in UTF-8, as it is sent. */
  readonly jsonBytes: number;
  /**
   * Number of bytes as the platform counts them: 2 for each UTF-16 unit of a string or a key, 8 for a number, 4 for
   * a boolean, and 0 for `null` and for the brackets of an array or object.
   */
  readonly platformBytes: number;
  /** Nesting levels of the deepest variable: 0 for a scalar, 1 for a flat array or object. */
  readonly depth: number;
  /** Number of variables, which are the members of the outermost object. */
  readonly variables: number;
}
