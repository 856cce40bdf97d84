import { stateBody, stateParts, stateReport } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { parseJson, toJson } from "./json.js";
import { parseReport, type Report } from "./report.js";
import { objectArgument, requireOptionalString } from "./util/arguments.js";
import { setClassName } from "./util/classes.js";
import { ensureStarted, writeText } from "./wasm.js";

/** The fields of a state update. Each is optional. */
export interface StateUpdateParts {
  /** The session's variables by name: an object or a `Map`. */
  readonly session?: object | null | undefined;
  /** The user's variables by name: an object or a `Map`. */
  readonly user?: object | null | undefined;
  /** The next step of the dialog. Default: no transition. */
  readonly nextStep?: string | null | undefined;
}

/** The request body of an update, without empty fields. */
export interface StateBody {
  /** The session's variables by name. */
  session?: Record<string, unknown>;
  /** The user's variables by name. */
  user?: Record<string, unknown>;
  /** The transition of the dialog to its next step. */
  transition?: { nextStep: string };
}

/** A part of a split update: the ranges of its variables by position, and whether it contains the transition. */
type PartRanges = [session: [number, number], user: [number, number], hasTransition: boolean];

/**
 * A function of the core that reads an update: the bytes of the session's variables in the input buffer,
 * the bytes of the user's variables after them, and the next step as a JSON string.
 *
 * @internal
 */
type CoreFunction<T> = (session: number, user: number, nextStep: string | undefined) => T;

/**
 * An update of a dialog's state. The constructor checks nothing; `check`, `toJson` and `split` do.
 *
 * @example
 * ```js
 * const update = new StateUpdate({ session: { turn: 4 }, nextStep: "confirm" });
 * update.toJson(); // '{"session":{"turn":4},"transition":{"nextStep":"confirm"}}'
 * for (const part of update.split()) await send(part.toJson());
 * ```
 */
export class StateUpdate {
  static {
    setClassName(this, "StateUpdate");
  }
  /** The session's variables. */
  readonly session: object;
  /** The user's variables. */
  readonly user: object;
  /** The next step of the dialog; `undefined` for no transition. */
  readonly nextStep: string | undefined;

  /**
   * Creates an update.
   *
   * @param fields the variables and the next step; default: none
   * @throws {TypeError} when `fields` is not an object
   */
  constructor(fields: StateUpdateParts = {}) {
    const { session, user, nextStep } = objectArgument("fields", fields);
    this.session = session ?? {};
    this.user = user ?? {};
    this.nextStep = nextStep ?? undefined;
    Object.freeze(this);
  }

  /**
   * Checks the update. Does not throw for issues.
   *
   * @returns the report with every issue, errors and warnings
   */
  check(): Report {
    return parseReport(this.#encode(this.#toTexts(), stateReport));
  }

  /**
   * Checks the update and returns its body as compact JSON text, in one pass.
   *
   * @returns the JSON text
   * @throws {ValidationError} with every issue; paths refer to the body (`/session/turn`)
   */
  toJson(): string {
    return this.#encode(this.#toTexts(), stateBody);
  }

  /**
   * Checks the update and returns its body as an object. An integer that a number cannot represent
   * exactly is a BigInt, as the caller passed it.
   *
   * @returns the body
   * @throws {ValidationError} as {@link toJson}
   */
  toApiBody(): StateBody {
    return parseJson(this.toJson()) as StateBody;
  }

  /**
   * Splits the update into parts of at most 524,288 bytes, to send in order. The last part contains the
   * transition. An update that fits becomes one part. The parts contain plain JSON values, so a date is
   * text.
   *
   * @returns the parts, in order
   * @throws {ValidationError} when the update has an error other than its size, or when one variable is
   *   larger than a part
   */
  split(): StateUpdate[] {
    const texts = this.#toTexts();
    const parts = JSON.parse(this.#encode(texts, stateParts)) as PartRanges[];
    const [session, user] = texts.map((text) => Object.entries(parseJson(text) as object));
    return parts.map(
      ([sessionRange, userRange, hasTransition]) =>
        new StateUpdate({
          session: Object.fromEntries(session?.slice(...sessionRange) ?? []),
          user: Object.fromEntries(user?.slice(...userRange) ?? []),
          nextStep: hasTransition ? this.nextStep : undefined,
        }),
    );
  }

  /**
   * Writes an update into the input buffer and calls the core with it.
   *
   * @internal
   */
  static encode<T>(update: StateUpdate, callCore: CoreFunction<T>): T {
    return update.#encode(update.#toTexts(), callCore);
  }

  /** Returns both maps as JSON text. Getters and `toJSON` methods of the caller run only here. */
  #toTexts(): [session: string, user: string] {
    const { maxNesting } = ensureStarted();
    requireOptionalString("nextStep", this.nextStep);
    return [toJson(this.session, maxNesting).text, toJson(this.user, maxNesting).text];
  }

  #encode<T>([session, user]: [string, string], callCore: CoreFunction<T>): T {
    const sessionLength = writeText(session);
    const userLength = writeText(user, sessionLength);
    const step = this.nextStep === undefined ? undefined : JSON.stringify(this.nextStep);
    return withMappedErrors(() => callCore(sessionLength, userLength, step));
  }
}

/**
 * Returns an update from an argument.
 *
 * @throws {TypeError} when the argument is not an object
 *
 * @internal
 */
export function toStateUpdate(update: StateUpdate | StateUpdateParts): StateUpdate {
  return update instanceof StateUpdate ? update : new StateUpdate(objectArgument("update", update));
}
