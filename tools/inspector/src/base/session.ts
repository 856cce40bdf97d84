/** What the page is about at this moment, and who wants to know when that changes. */
import type { Kind, Subject, Verdict } from "../rules/shapes";

export interface Loaded {
  readonly text: string;
  readonly kind?: Kind | "auto" | undefined;
  readonly policy?: Subject["policy"] | undefined;
  readonly existing?: string | undefined;
}

export interface Session {
  subject: Subject;
  verdict: Verdict | undefined;
  /** Puts another document into the editor. */
  load(document: Loaded): void;
  /** Changes how the document is looked at. */
  look(change: Partial<Omit<Subject, "text">>): void;
  /** Shows a place of the document in the editor. */
  reveal(place: { readonly from: number; readonly to: number }): void;
  /** Shows the place that a JSON Pointer names. */
  revealPath(path: string): void;
}

/** One of the views beside the editor. */
export interface View {
  readonly element: HTMLElement;
  /** The document or how it is looked at has changed, or the view is shown again. */
  update(session: Session): void | Promise<void>;
}
