// Builds a request that injects a context into another session. An HTTP Request node takes the URL, the
// method and the body from `input.request`. The API key stays in that node, so that no log shows it.
try {
  input.request = cognigyContext.injectContextRequest({
    baseUrl: "https://api-trial.cognigy.ai",
    sessionId: context.handoverSessionId,
    userId: input.userId,
    context: { handover: { from: input.sessionId, topic: context.topic, at: new Date() } },
  });
} catch (error) {
  api.log("error", `${error.name}: ${error.message}`);
  input.request = null;
}
