/** A variable with its scope, and its entry in the debug view. */

/** One variable, as the API answers it. */
export interface ScopedVariable {
  /** Its name. */
  readonly name: string;
  /** Its value. */
  readonly value: unknown;
  /** Its scope: `global`, `bot`, `session`, `user`, or one that is not known. */
  readonly scope: string;
  /** The type that was stated for it, if one was. */
  readonly type?: string | null | undefined;
}

/** How one variable looks to somebody who debugs a flow. The names are those of the wire. */
export interface DebugEntry {
  readonly value: unknown;
  readonly scope: string;
  /** The JSON Schema name of the value's type; a number without fraction is an `integer`. */
  readonly type: "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";
  /** Whether the name begins with `_`. */
  readonly is_system: boolean;
}
