/** Reads the exported functions and classes of the package from its declaration files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const requireTypeScript = createRequire(new URL("../../../bindings-wasm/package.json", import.meta.url));
const load = (name) => import(pathToFileURL(requireTypeScript.resolve(`typescript/unstable/${name}`)).href);
const { API } = await load("sync");
const { SyntaxKind } = await load("ast");

/** Types whose type arguments have the fields of the value. */
const FIELD_WRAPPERS = new Set(["Partial", "Readonly", "Omit", "Pick", "Required"]);
/** The key at which a record gets a value: an API family, which is also the name of a query parameter here. */
const RECORD_KEY = "platform";
/** Types whose first type argument is the type of an item. */
const LISTS = new Set(["Iterable", "AsyncIterable", "ReadonlyArray", "Array"]);

/**
 * A place where a caller passes a value.
 *
 * @typedef {object} Place
 * @property {(string | number)[]} path the position of the argument, then names of fields and indexes of items
 * @property {"value" | "result"} kind whether the caller passes the value, or a function that returns the value
 */

/**
 * Returns the callables that an entry of the package exports, with their places.
 *
 * @param {string} entry the path of the declaration file
 * @returns {Map<string, Place[]>} by name: `check`, `new Policy`, `Policy.free`, `Journal.confirm`
 */
export function readDeclarations(entry) {
  const folder = mkdtempSync(join(tmpdir(), "cognigy-context-types-"));
  const config = join(folder, "tsconfig.json");
  const compilerOptions = { module: "NodeNext", target: "ES2022", types: [], noEmit: true, skipLibCheck: true };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [entry] }));
  const api = new API();
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    return new Declarations(project.program).callablesOf(entry);
  } finally {
    api.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Declarations {
  #program;
  /** The declarations of every file that was read, by name. Names are unique in the package. */
  #types = new Map();

  constructor(program) {
    this.#program = program;
  }

  callablesOf(entry) {
    const exported = this.#exportsOf(entry);
    const callables = new Map();
    for (const [name, node] of exported) {
      if (node.kind === SyntaxKind.FunctionDeclaration) callables.set(name, this.#places(node));
      else if (node.kind === SyntaxKind.ClassDeclaration || node.kind === SyntaxKind.InterfaceDeclaration) {
        for (const member of node.members) this.#addMember(callables, name, member);
      }
    }
    return callables;
  }

  #addMember(callables, owner, member) {
    switch (member.kind) {
      case SyntaxKind.Constructor:
        callables.set(`new ${owner}`, this.#places(member));
        break;
      case SyntaxKind.MethodDeclaration:
      case SyntaxKind.MethodSignature:
      case SyntaxKind.SetAccessor:
        callables.set(`${owner}.${member.name.getText()}`, this.#places(member));
        break;
      default:
    }
  }

  /** Returns the declarations that a file exports, by name. */
  #exportsOf(path) {
    const exported = new Map();
    const file = this.#program.getSourceFile(path);
    if (!file) throw new Error(`no declaration file ${path}`);
    for (const statement of file.statements) {
      const name = statement.name?.getText();
      if (name) this.#types.set(name, statement);
      if (statement.kind === SyntaxKind.ExportDeclaration) {
        if (!statement.moduleSpecifier) continue;
        const specifier = statement.moduleSpecifier.text.replace(/\.js$/, ".d.ts");
        const target = this.#exportsOf(fileURLToPath(new URL(specifier, pathToFileURL(path))));
        const names = statement.exportClause?.elements?.map((element) => element.name.getText());
        for (const [key, node] of target) if (!names || names.includes(key)) exported.set(key, node);
      } else if (statement.kind === SyntaxKind.ImportDeclaration) {
        // Declares types that the parameters refer to.
        const specifier = statement.moduleSpecifier.text;
        if (specifier.startsWith(".")) {
          this.#readTypes(fileURLToPath(new URL(specifier.replace(/\.js$/, ".d.ts"), pathToFileURL(path))));
        }
      } else if (name && /^export\b/m.test(statement.getText())) {
        exported.set(name, statement);
      }
    }
    return exported;
  }

  #read = new Set();

  #readTypes(path) {
    if (this.#read.has(path)) return;
    this.#read.add(path);
    this.#exportsOf(path);
  }

  #places(declaration) {
    return declaration.parameters.flatMap((parameter, index) => this.#placesOf(parameter.type, [index]));
  }

  /** Returns the places in a value of a type, the value itself first. */
  #placesOf(type, path, depth = 0) {
    const places = [{ path, kind: "value" }];
    // No type of the package nests deeper.
    if (!type || depth > 4) return places;
    const shape = { fields: new Map(), items: [], isFunction: false };
    this.#addShape(type, shape, new Set());
    if (shape.isFunction) places.push({ path, kind: "result" });
    for (const item of shape.items) places.push(...this.#placesOf(item, [...path, 0], depth + 1));
    for (const [name, field] of shape.fields) places.push(...this.#placesOf(field, [...path, name], depth + 1));
    return uniquePlaces(places);
  }

  /** Adds the fields and the items of a type. */
  #addShape(type, shape, seen) {
    switch (type?.kind) {
      case SyntaxKind.UnionType:
      case SyntaxKind.IntersectionType:
        for (const part of type.types) this.#addShape(part, shape, seen);
        break;
      case SyntaxKind.ParenthesizedType:
      case SyntaxKind.TypeOperator:
        this.#addShape(type.type, shape, seen);
        break;
      case SyntaxKind.ArrayType:
        shape.items.push(type.elementType);
        break;
      case SyntaxKind.FunctionType:
        shape.isFunction = true;
        break;
      case SyntaxKind.TypeLiteral:
        this.#addMembers(type, shape);
        break;
      case SyntaxKind.TypeReference: {
        const name = type.typeName.getText();
        const [argument] = type.typeArguments ?? [];
        if (LISTS.has(name)) shape.items.push(argument);
        else if (name === "Record") shape.fields.set(RECORD_KEY, type.typeArguments[1]);
        else if (FIELD_WRAPPERS.has(name)) this.#addShape(argument, shape, seen);
        else if (!seen.has(name)) {
          seen.add(name);
          const declared = this.#types.get(name);
          if (declared?.kind === SyntaxKind.TypeAliasDeclaration) this.#addShape(declared.type, shape, seen);
          else if (declared?.kind === SyntaxKind.InterfaceDeclaration) this.#addInterface(declared, shape, seen);
        }
        break;
      }
      default:
    }
  }

  #addInterface(declared, shape, seen) {
    for (const { types } of declared.heritageClauses ?? []) {
      for (const { expression } of types) {
        const base = this.#types.get(expression.getText());
        if (base && !seen.has(expression.getText())) this.#addInterface(base, shape, seen);
      }
    }
    this.#addMembers(declared, shape);
  }

  #addMembers({ members }, shape) {
    for (const member of members) {
      const name = member.name?.getText();
      if (!name) continue;
      // A method is a function, as a property with a function type is.
      shape.fields.set(name, member.kind === SyntaxKind.MethodSignature ? FUNCTION_TYPE : member.type);
    }
  }
}

const FUNCTION_TYPE = { kind: SyntaxKind.FunctionType };

function uniquePlaces(places) {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}
