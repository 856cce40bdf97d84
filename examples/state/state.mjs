// An update of the state of a dialog, and a larger update, split into several requests.
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
