/** Issues as lines under their place, and in the margin of their lines. */
import { type Extension, type Range, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter } from "@codemirror/view";
import type { PlacedIssue } from "../rules/shapes";

export const showIssues = StateEffect.define<readonly PlacedIssue[]>();

class Spot extends GutterMarker {
  constructor(readonly severity: PlacedIssue["severity"]) {
    super();
  }

  override toDOM(): Node {
    const spot = document.createElement("span");
    spot.className = `spot ${this.severity}`;
    return spot;
  }
}

const spots = { error: new Spot("error"), warning: new Spot("warning") };

interface Shown {
  readonly lines: DecorationSet;
  readonly margin: RangeSet<GutterMarker>;
}

const field = StateField.define<Shown>({
  create: () => ({ lines: Decoration.none, margin: RangeSet.empty }),
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(showIssues)) return marksOf(effect.value, transaction.newDoc);
    }
    // Until the next verdict the marks go with the text that they stand at.
    return transaction.docChanged
      ? { lines: shown.lines.map(transaction.changes), margin: shown.margin.map(transaction.changes) }
      : shown;
  },
  provide: (field) => EditorView.decorations.from(field, ({ lines }) => lines),
});

function marksOf(issues: readonly PlacedIssue[], doc: { length: number; lineAt(at: number): { from: number } }): Shown {
  const lines: Range<Decoration>[] = [];
  const margin = new Map<number, PlacedIssue["severity"]>();
  for (const { from, to, severity, code, message } of issues) {
    const start = Math.min(from, doc.length);
    const end = Math.min(to, doc.length);
    if (end > start) {
      const attributes = { title: `${code}: ${message}` };
      lines.push(Decoration.mark({ class: `issue-line ${severity}`, attributes }).range(start, end));
    }
    const line = doc.lineAt(start).from;
    if (margin.get(line) !== "error") margin.set(line, severity);
  }
  return {
    lines: RangeSet.of(lines, true),
    margin: RangeSet.of([...margin].map(([line, severity]) => spots[severity].range(line)), true),
  };
}

export const underlines: Extension = [
  field,
  gutter({ class: "spots", markers: (view) => view.state.field(field).margin, initialSpacer: () => spots.warning }),
];
