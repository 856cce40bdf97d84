import { stateBody, stateParts, stateReport } from "wasm-glue";
import { withMappedErrors } from "./error-mapping.js";
import { toJson, parseJson } from "./json.js";
import { setClassName } from "./util/classes.js";
import { type Report, parseReport } from "./report.js";
import { ensureStarted, writeText } from "./wasm.js";

/** What an update is made of. */
export interface StateUpdateParts {
  /** Variables of the session, by name: an object or a `Map`. */
  readonly session?: object | null | undefined;
  /** Variables of the user, by name: an object or a `Map`. */
  readonly user?: object | null | undefined;
  /** The step that the dialog goes to. */
  readonly nextStep?: string | null | undefined;
}

/** What is sent of an update; empty parts are left out. */
export interface StateBody {
  session?: Record<string, unknown>;
  user?: Record<string, unknown>;
  transition?: { nextStep: string };
}

/** The places of a part's variables, from and to, and whether the transition is in it. */
type LazyModule = [session: [number, number], user: [number, number], hasTransition: boolean];

/**
 * What the core is told, beside the text in the buffer.
 *
 * @internal
 */
type Tell<T> = (session: number, user: number, nextStep: string | undefined) => T;

/**
 * An update of a dialog's state. Making one checks nothing; what writes it does.
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
  /** Variables of the session. */
  readonly session: object;
  /** Variables of the user. */
  readonly user: object;
  /** The step that the dialog goes to. */
  readonly nextStep: string | undefined;

  constructor({ session, user, nextStep }: StateUpdateParts = {}) {
    this.session = session ?? {};
    this.user = user ?? {};
    this.nextStep = nextStep ?? undefined;
    Object.freeze(this);
  }

  /** Everything that there is to say of the update, warnings too; throws for none of it. */
  check(): Report {
    return parseReport(this.#tell(this.#texts(), stateReport));
  }

  /**
   * The checked body as compact JSON text, in one pass.
   *
   * @throws {ValidationError} with every issue; paths are of the body (`/session/turn`)
   */
  toJson(): string {
    return this.#tell(this.#texts(), stateBody);
  }

  /**
   * The checked body as an object. An integer that no number holds exactly, which went in as a
   * BigInt, is a BigInt here as well.
   *
   * @throws {ValidationError} as {@link toJson}
   */
  toApiBody(): StateBody {
    return parseJson(this.toJson()) as StateBody;
  }

  /**
   * The update as parts of at most 524,288 bytes each, in order; the transition is in the last. An
   * update that fits is its own only part. The parts hold plain data: dates are text there.
   *
   * @throws {ValidationError} when the update has an error other than its size, or a single variable
   *   fits no part
   */
  split(): StateUpdate[] {
    const texts = this.#texts();
    const parts = JSON.parse(this.#tell(texts, stateParts)) as LazyModule[];
    const [session, user] = texts.map((text) => Object.entries(parseJson(text) as object));
    return parts.map(
      ([ofSession, ofUser, hasTransition]) =>
        new StateUpdate({
          session: Object.fromEntries(session?.slice(...ofSession) ?? []),
          user: Object.fromEntries(user?.slice(...ofUser) ?? []),
          nextStep: hasTransition ? this.nextStep : undefined,
        }),
    );
  }

  /**
   * Hands an update over to the core.
   *
   * @internal
   */
  static tell<T>(update: StateUpdate, core: Tell<T>): T {
    return update.#tell(update.#texts(), core);
  }

  /** Both maps as JSON text; all of the caller's code runs here. */
  #texts(): [session: string, user: string] {
    const { maxNesting } = ensureStarted();
    if (this.nextStep !== undefined && typeof this.nextStep !== "string") {
      throw new TypeError("nextStep must be a string");
    }
    return [toJson(this.session, maxNesting).text, toJson(this.user, maxNesting).text];
  }

  #tell<T>([session, user]: [string, string], core: Tell<T>): T {
    const length = writeText(session);
    const userLength = writeText(user, length);
    const step = this.nextStep === undefined ? undefined : JSON.stringify(this.nextStep);
    return withMappedErrors(() => core(length, userLength, step));
  }
}
