/** The state that the page shares with its views. */
import type { CheckInput, CheckResult, Kind } from "../rules/types";

/** A document to load, with the options of its check. */
export interface LoadedDocument {
  readonly text: string;
  readonly kind?: Kind | "auto" | undefined;
  readonly policy?: CheckInput["policy"] | undefined;
  /** JSON text of the context that the session already has. */
  readonly existing?: string | undefined;
}

/** The document and its check, with the actions that the views use. */
export interface Workspace {
  input: CheckInput;
  /** The result of the last check; `undefined` before the first one. */
  checkResult: CheckResult | undefined;
  /** Replaces the document in the editor. */
  load(document: LoadedDocument): void;
  /** Changes the options of the check, and checks the document again. */
  setOptions(change: Partial<Omit<CheckInput, "text">>): void;
  /** Scrolls to a range of the document in the editor and selects it. */
  reveal(range: { readonly from: number; readonly to: number }): void;
  /** Scrolls to the range of a JSON Pointer in the editor and selects it. Does nothing for an unknown path. */
  revealPath(path: string): void;
}

/** A view beside the editor. */
export interface View {
  readonly element: HTMLElement;
  /** Called after the document or the options changed, and when the view is shown. */
  update(workspace: Workspace): void | Promise<void>;
}
