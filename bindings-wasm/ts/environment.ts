/** The host's environment variables, where it has any. */

let variables: (name: string) => string | undefined = () => undefined;

/** Says how a variable's value is had. */
export function setEnvironment(read: (name: string) => string | undefined): void {
  variables = read;
}

/** The value of an environment variable. */
export function environmentVariable(name: string): string | undefined {
  return variables(name);
}
