// An update of a dialog's state, and one that is too large for one request and is split.
import { StateUpdate } from "cognigy-context";

const update = new StateUpdate({
  session: { order: { id: "A-1001", confirmed: true } },
  user: { language: "de" },
  nextStep: "payment",
});
console.log(update.toJson());

const large = new StateUpdate({
  session: { transcript: "t".repeat(400_000), history: "h".repeat(400_000) },
  nextStep: "payment",
});
for (const part of large.split()) {
  const bytes = part.check().sizes.jsonBytes;
  console.log(`${bytes} bytes: ${Object.keys(part.session)}, then ${part.nextStep}`);
}
