import { codes as coreCodes } from "wasm-glue";
import { started } from "./wasm.js";

/** What kind of finding an issue is. Stable, and the same in every language. */
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
  | "duplicate_variable"
  | "invalid_scope"
  | "invalid_timestamp"
  | "expired"
  | "missing_field"
  | "wrong_type"
  | "empty_update"
  | "invalid_id";

/** Every code an issue can have, in the order of the documentation. */
export function codes(): readonly Code[] {
  started();
  return JSON.parse(coreCodes()) as Code[];
}
