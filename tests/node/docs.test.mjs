/** The documentation in the declarations, which an editor shows for every exported name and its members. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { packageFolder, project } from "./support/project.mjs";

// TypeScript 7 calls its compiler API unstable, so package-lock.json pins the version.
const { resolve } = createRequire(new URL("../../bindings-wasm/package.json", import.meta.url));
const { API, ModifierFlags, SymbolFlags } = await import(pathToFileURL(resolve("typescript/unstable/sync")));
const { SyntaxKind } = await import(pathToFileURL(resolve("typescript/unstable/ast")));

const compiler = new API();
after(() => compiler.close());

for (const path of declarationFiles()) {
  test(`${path}: every export and its public members have a summary, @param and @returns`, () => {
    const file = join(packageFolder, path);
    const { program, checker } = openProgram(file);
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
    assert.ok(exported.length > 100, `only ${exported.length} exports`);
    const problems = exported.flatMap((symbol) =>
      checkExport(symbol.name, withoutAlias(symbol, checker), checker),
    );
    assert.ok(problems.length === 0, `\n${problems.join("\n")}`);
  });
}

/** Returns the paths of the declaration files of all entry points in package.json. */
function declarationFiles() {
  const { exports, types } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const paths = new Set([types]);
  const collect = (conditions) => {
    for (const [condition, target] of Object.entries(conditions)) {
      if (typeof target === "object") collect(target);
      else if (condition === "types") paths.add(target);
    }
  };
  collect(exports);
  return paths;
}

/** Compiles one declaration file and returns its project. */
function openProgram(file) {
  const folder = join(project, "docs");
  const config = join(folder, "tsconfig.json");
  mkdirSync(folder, { recursive: true });
  const compilerOptions = { lib: ["ES2022", "DOM"], module: "NodeNext", types: [], noEmit: true };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
  const snapshot = compiler.updateSnapshot({ openProjects: [config], fileChanges: { changed: [config] } });
  return snapshot.getProject(config);
}

/** Lists the problems in the documentation of an exported name and its public members. */
function checkExport(name, symbol, checker) {
  const problems = checkSymbol(name, symbol, symbol, checker);
  const isClass = (symbol.flags & SymbolFlags.Class) !== 0;
  const members = [...symbol.getMembers().values(), ...(isClass ? symbol.getExports().values() : [])];
  for (const member of members.filter(isPublic)) {
    const memberName = member.name.replace(/^__constructor$/, "constructor").replace(/^__@(\w+)@\d+$/, "[Symbol.$1]");
    const documented = documentedMember(symbol, member, checker);
    problems.push(...checkSymbol(`${name}.${memberName}`, member, documented, checker));
  }
  return problems;
}

/** Lists the problems in the documentation of one symbol, which is taken from the symbol `documented`. */
function checkSymbol(name, symbol, documented, checker) {
  const problems = [];
  if (checker.getDocumentationCommentOfSymbol(documented).trim() === "") problems.push(`${name}: no summary`);
  const tags = checker.getJsDocTagsOfSymbol(documented);
  const described = tags.filter((tag) => tag.name === "param").map((tag) => tag.text?.split(/\s/)[0]);
  for (const signature of symbol.declarations.map((declaration) => signatureOf(declaration.resolve()))) {
    if (!signature) continue;
    const names = signature.parameters.map((parameter) => parameter.name);
    // A destructured object has no name. Its interface documents its members.
    const identifiers = names.filter(({ kind }) => kind === SyntaxKind.Identifier).map(({ text }) => text);
    for (const identifier of identifiers) {
      if (!described.includes(identifier)) problems.push(`${name}: no @param ${identifier}`);
    }
    if (identifiers.length === names.length) {
      const unknown = described.filter((identifier) => !identifiers.includes(identifier));
      for (const identifier of unknown) problems.push(`${name}: @param ${identifier} is not a parameter`);
    }
    if (returnsValue(signature) && !tags.some((tag) => tag.name === "returns")) {
      problems.push(`${name}: no @returns`);
    }
  }
  return problems;
}

/** Returns the signature of a function, method, constructor or function type alias; otherwise `undefined`. */
function signatureOf(node) {
  switch (node.kind) {
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.MethodSignature:
    case SyntaxKind.Constructor:
      return node;
    case SyntaxKind.TypeAliasDeclaration:
      return node.type.kind === SyntaxKind.FunctionType ? node.type : undefined;
    default:
      return undefined;
  }
}

/** Reports whether a signature has a result: not a constructor, not `void`, not `Promise<void>`. */
function returnsValue({ kind, type }) {
  if (kind === SyntaxKind.Constructor || type === undefined) return false;
  const isPromise = type.kind === SyntaxKind.TypeReference && type.typeName.text === "Promise";
  return (isPromise ? type.typeArguments[0] : type).kind !== SyntaxKind.VoidKeyword;
}

/** Returns the declared symbol that an import or export refers to. */
function withoutAlias(symbol, checker) {
  return (symbol.flags & SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
}

function isPublic({ name, flags, declarations }) {
  // A declaration has the one name `#private` for all private fields of a class.
  if (name.includes("#") || (flags & (SymbolFlags.TypeParameter | SymbolFlags.Prototype)) !== 0) return false;
  const hidden = ModifierFlags.Private | ModifierFlags.Protected;
  return declarations.every((declaration) => (declaration.resolve().modifierFlags & hidden) === 0);
}

/** Returns the member, or, if it has no documentation, the documented member of a base class or interface. */
function documentedMember(symbol, member, checker) {
  if (checker.getDocumentationCommentOfSymbol(member) !== "") return member;
  const clauses = symbol.declarations.flatMap((declaration) => declaration.resolve().heritageClauses ?? []);
  for (const { expression } of clauses.flatMap(({ types }) => types)) {
    const base = checker.getSymbolAtLocation(expression);
    const inherited = base && withoutAlias(base, checker).getMembers().get(member.escapedName);
    if (inherited && checker.getDocumentationCommentOfSymbol(inherited) !== "") return inherited;
  }
  return member;
}
