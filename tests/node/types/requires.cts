/** The declarations under `require`. */
import context = require("cognigy-context");

const report: context.Report = context.check({ a: 1 }, "state");
const isValidation = (error: unknown): boolean => error instanceof context.ValidationError;

export = { report, isValidation };
