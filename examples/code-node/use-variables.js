// Takes the variables that an HTTP Request node has read (its answer is stored in `input.variables`) and
// writes the ones that count into the context: numbers as numbers, one value for each name.
try {
  const answer = JSON.stringify(input.variables);
  const variables = cognigyContext.parseVariables(answer);
  const values = {};
  for (const [name, { value }] of variables) values[name] = value;

  input.variablesWritten = cognigyContext.applyTo(api, values, { existing: context }).written;
} catch (error) {
  // An answer of another shape is no reason to stop the flow.
  api.log("error", `${error.name}: ${error.message}`);
  input.variablesWritten = [];
}
