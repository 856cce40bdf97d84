import { createExtension } from "@cognigy/extension-tools";
import { checkContext } from "./check-context.js";
import { connection, injectContext } from "./inject-context.js";
import { measureContext } from "./measure-context.js";
import { resolveVariables } from "./resolve-variables.js";

export default createExtension({
  nodes: [checkContext, measureContext, resolveVariables, injectContext],
  connections: [connection],
  options: { label: "Cognigy context" },
});
