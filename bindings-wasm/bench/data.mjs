/** The input data of the Node rows. */

/**
 * Creates a context of `count` variables. Each is a flat object of scalars and a short list. 100 variables
 * are 8.8 kB of JSON.
 */
export function createContext(count) {
  const variables = {};
  for (let index = 0; index < count; index++) {
    variables[`variable_${index}`] = {
      label: `field ${index}`,
      value: index % 5 === 0 ? index * 1.5 : "gold since May",
      open: index % 3 === 0,
      tags: ["crm", index],
    };
  }
  return variables;
}

/**
 * Creates the bytes of a response with `count` variables. 1,000 variables are 74 kB. Every eighth variable
 * has the name of the previous one, in another scope.
 */
export function createResponse(count) {
  const values = [
    ...["gold since spring", "42", "129.5", "true", "+49 170 000000"],
    ...['{"id":"A-1001","open":true}', "de-DE", "2026-01-31"],
  ];
  const variables = Array.from({ length: count }, (_, index) => ({
    name: `variable_${index % 8 === 7 ? index - 1 : index}`,
    value: values[index % values.length],
    scope: ["session", "bot", "user", "global"][index % 4],
    type: null,
  }));
  return Buffer.from(JSON.stringify({ variables }));
}
