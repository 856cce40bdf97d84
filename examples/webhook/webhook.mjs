// An event of the web-messaging webhook, and the variables that a flow derives from it.
import { hashSessionId, ValidationError, webhookVariables } from "cognigy-context";

const event = {
  sessionId: "session-1",
  userId: "user-1",
  message: "Where is my order?",
  channel: "webchat",
  timestamp: 1735689600,
  custom: { page: "/orders" },
};
console.log(`key in the store of the service: session:${hashSessionId(event.sessionId)}`);
for (const [name, value] of Object.entries(webhookVariables(event))) {
  console.log(`${name} = ${JSON.stringify(value)}`);
}

try {
  webhookVariables('{"sessionId": "", "timestamp": "soon"}');
} catch (error) {
  if (!(error instanceof ValidationError)) throw error;
  console.log(String(error.report));
}
