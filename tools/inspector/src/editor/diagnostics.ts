/** Shows issues as underlined ranges and as dots in the gutter. */
import { type Extension, type Range, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter } from "@codemirror/view";
import type { PlacedIssue } from "../rules/types";

/** Replaces the issues of the editor. */
export const setIssues = StateEffect.define<readonly PlacedIssue[]>();

/** A dot in the gutter, for a line with an issue. */
class IssueDot extends GutterMarker {
  constructor(readonly severity: PlacedIssue["severity"]) {
    super();
  }

  override toDOM(): Node {
    const dot = document.createElement("span");
    dot.className = `issue-dot ${this.severity}`;
    return dot;
  }
}

const dots = { error: new IssueDot("error"), warning: new IssueDot("warning") };

/** The underlined ranges and the dots of the issues. */
interface Diagnostics {
  readonly underlines: DecorationSet;
  readonly gutter: RangeSet<GutterMarker>;
}

const diagnosticsField = StateField.define<Diagnostics>({
  create: () => ({ underlines: Decoration.none, gutter: RangeSet.empty }),
  update(diagnostics, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setIssues)) return toDiagnostics(effect.value, transaction.newDoc);
    }
    // Existing diagnostics move with the text until the next check.
    return transaction.docChanged
      ? { underlines: diagnostics.underlines.map(transaction.changes), gutter: diagnostics.gutter.map(transaction.changes) }
      : diagnostics;
  },
  provide: (field) => EditorView.decorations.from(field, ({ underlines }) => underlines),
});

function toDiagnostics(issues: readonly PlacedIssue[], doc: { length: number; lineAt(at: number): { from: number } }): Diagnostics {
  const underlines: Range<Decoration>[] = [];
  /** The worst severity of each line with an issue, by the offset of the line. */
  const lineSeverities = new Map<number, PlacedIssue["severity"]>();
  for (const { from, to, severity, code, message } of issues) {
    const start = Math.min(from, doc.length);
    const end = Math.min(to, doc.length);
    if (end > start) {
      const attributes = { title: `${code}: ${message}` };
      underlines.push(Decoration.mark({ class: `issue-range ${severity}`, attributes }).range(start, end));
    }
    const line = doc.lineAt(start).from;
    if (lineSeverities.get(line) !== "error") lineSeverities.set(line, severity);
  }
  return {
    underlines: RangeSet.of(underlines, true),
    gutter: RangeSet.of([...lineSeverities].map(([line, severity]) => dots[severity].range(line)), true),
  };
}

/** The editor extension that shows the issues of {@link setIssues}. */
export const diagnostics: Extension = [
  diagnosticsField,
  gutter({ class: "issue-gutter", markers: (view) => view.state.field(diagnosticsField).gutter, initialSpacer: () => dots.warning }),
];
