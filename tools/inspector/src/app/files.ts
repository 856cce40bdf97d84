/** Reads dropped and selected files. File contents stay in the page. */
import { h } from "../base/dom";

/** Passes the text of the first file dropped on the page to `onText`. */
export function acceptFiles(page: HTMLElement, onText: (text: string) => void): void {
  const hasFile = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;
  window.addEventListener("dragover", (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    page.classList.add("dropping");
  });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) page.classList.remove("dropping");
  });
  // Handles the event before the editor does, which would insert the text of the file at the cursor.
  window.addEventListener(
    "drop",
    (event) => {
      page.classList.remove("dropping");
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      event.stopPropagation();
      void file.text().then(onText);
    },
    { capture: true },
  );
}

/** Opens a file dialog and passes the text of the selected file to `onText`. */
export function pickFile(onText: (text: string) => void): void {
  const input = h("input", {
    type: "file",
    accept: ".json,.txt,application/json,text/plain",
    change: () => {
      const [file] = input.files ?? [];
      if (file) void file.text().then(onText);
    },
  });
  input.click();
}
