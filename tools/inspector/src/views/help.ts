/** The shortcuts, as a list. */
import { h } from "../base/dom";

const shortcuts: readonly (readonly [keys: string, does: string])[] = [
  ["Alt 1 … Alt 5", "Issues, Size, Variables, Compare, Live"],
  ["F8, Shift F8", "Next and previous issue"],
  ["Alt Shift F", "Lay out the JSON, or put it on one line"],
  ["Alt E", "Examples"],
  ["Alt O", "Open a file"],
  ["Ctrl Z, Ctrl Y", "Undo and redo"],
  ["← →", "From view to view, and from area to area in the treemap"],
  ["?", "This list, when no text is being written"],
];

export function helpDialog(): HTMLDialogElement {
  const dialog = h(
    "dialog.help",
    { "aria-labelledby": "help-title" },
    h("header", {}, h("h2", { id: "help-title" }, "Keys"), h("button.quiet", { type: "button", click: () => dialog.close() }, "Close")),
    h("dl", {}, shortcuts.map(([keys, does]) => h("div", {}, h("dt", {}, h("kbd", {}, keys)), h("dd", {}, does)))),
  );
  return dialog;
}
