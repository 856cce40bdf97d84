/** Files: dropped anywhere on the page, or picked. They are read here and go nowhere. */
import { h } from "../base/dom";

export function acceptFiles(page: HTMLElement, take: (text: string) => void): void {
  const hasFile = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;
  window.addEventListener("dragover", (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    page.classList.add("dropping");
  });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) page.classList.remove("dropping");
  });
  // Before the editor, which would put the file in the middle of its text.
  window.addEventListener(
    "drop",
    (event) => {
      page.classList.remove("dropping");
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      event.stopPropagation();
      void file.text().then(take);
    },
    { capture: true },
  );
}

export function pickFile(take: (text: string) => void): void {
  const input = h("input", {
    type: "file",
    accept: ".json,.txt,application/json,text/plain",
    change: () => {
      const [file] = input.files ?? [];
      if (file) void file.text().then(take);
    },
  });
  input.click();
}
