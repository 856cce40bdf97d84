// Typed and resolved variables: the values that a flow sees, and the values that they shadow.
import { debugView, parseVariables } from "cognigy-context";

const response = `{"variables": [
  {"name": "tier", "value": "gold", "scope": "bot"},
  {"name": "tier", "value": "platinum", "scope": "user"},
  {"name": "visits", "value": "42", "scope": "session"},
  {"name": "phone", "value": "0049170", "scope": "user"},
  {"name": "_turn", "value": "7", "scope": "session"}]}`;

const variables = parseVariables(response);
for (const [name, { value, type, scope }] of Object.entries(debugView(variables))) {
  console.log(`${name} = ${JSON.stringify(value)} (${type}, ${scope})`);
}
for (const { variable, by } of variables.shadowed) {
  console.log(`${variable.name} in scope ${variable.scope} is shadowed by scope ${by}`);
}
