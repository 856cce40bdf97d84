// Reads the variables that an HTTP Request node has fetched into `input.variables` and writes the resolved
// ones into the context: numbers as numbers, one value for each name.
try {
  const response = JSON.stringify(input.variables);
  const variables = cognigyContext.parseVariables(response);
  const values = {};
  for (const [name, { value }] of variables) values[name] = value;

  input.variablesWritten = cognigyContext.applyTo(api, values, { existing: context }).written;
} catch (error) {
  // A response of an unexpected shape does not stop the flow.
  api.log("error", `${error.name}: ${error.message}`);
  input.variablesWritten = [];
}
