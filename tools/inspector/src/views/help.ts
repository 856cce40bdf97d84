/** The dialog of keyboard shortcuts. */
import { h } from "../base/dom";

const shortcuts: readonly (readonly [keys: string, action: string])[] = [
  ["Alt 1 … Alt 5", "Issues, Size, Variables, Compare, Live"],
  ["F8, Shift F8", "Next and previous issue"],
  ["Alt Shift F", "Format the JSON, or put it on one line"],
  ["Alt E", "Examples"],
  ["Alt O", "Open a file"],
  ["Ctrl Z, Ctrl Y", "Undo and redo"],
  ["← →", "Move between views, and between areas of the treemap"],
  ["?", "Show this list (outside text fields)"],
];

/** Creates the dialog. */
export function helpDialog(): HTMLDialogElement {
  const dialog = h(
    "dialog.help",
    { "aria-labelledby": "help-title" },
    h("header", {}, h("h2", { id: "help-title" }, "Shortcuts"), h("button", { type: "button", click: () => dialog.close() }, "Close")),
    h("dl", {}, shortcuts.map(([keys, action]) => h("div", {}, h("dt", {}, h("kbd", {}, keys)), h("dd", {}, action)))),
  );
  return dialog;
}
