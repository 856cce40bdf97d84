// Makes the request of an HTTP Request node that injects into another session: its address, method and
// body come from `input.request`. The key stays in that node, where a log does not show it.
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
