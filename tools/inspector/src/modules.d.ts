declare module "cognigy-context/code-node.js" {
  const rules: typeof import("cognigy-context/browser");
  export default rules;
}

declare module "virtual:corpus" {
  const groups: import("./examples/corpus-case").Group[];
  export default groups;
}
