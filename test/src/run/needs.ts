import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROGRAM_NAMES, type ProgramName } from '../servers/provided';

/** What a module says of itself, in a line of its own: `// Needs: openssl`. */
const DECLARATION = /^\/\/ Needs: (.+)$/gm;

/** The same where what looks like an import is text for the test. */
const NEEDS_NOTHING = /^\/\/ Needs: nothing$/m;

/** What stands in quotes behind `from`, `import` or `require`, types included. */
const IMPORT = /\b(?:from|import|require|requireActual)\s*\(?\s*(['"])(.+?)\1/g;

/** An import of what only a run of the program knows; in a template it is text. */
const UNKNOWN_IMPORT = /\b(?:import|require)\(\s*(?!['"\s]|\$\{)/;

/**
 * Backstage's databases for tests: every one that there is, unless SQLite alone is
 * asked for.
 */
const ALL_DATABASES =
  /\bTestDatabases\.create\((?!\{ ids: \['SQLITE_3'\] \}\))/;

const EXTENSIONS = ['', '.ts', '.tsx', '.js', '/index.ts', '/index.tsx'];

/** What is known of one module. */
interface Module {
  needs: ReadonlySet<ProgramName>;
  /** Paths of the modules of this project that it imports. */
  imports: readonly string[];
}

const NEEDS_EVERYTHING: Module = { needs: new Set(PROGRAM_NAMES), imports: [] };

/**
 * Finds the programs that a test file needs: those that it, or a module that it
 * imports, declares, and PostgreSQL where it uses every database.
 *
 * @remarks
 * What cannot be read from the text, such as an import that leads nowhere, counts as
 * a need of everything. Packages are not followed: none of them is made for tests.
 */
export class ProgramNeeds {
  readonly #modules = new Map<string, Module>();

  /** @param file - path of the test */
  of(file: string): ReadonlySet<ProgramName> {
    const found = new Set<ProgramName>();
    const reached = new Set([file]);
    // A set is walked through to its end, with what is added on the way.
    for (const path of reached) {
      const { needs, imports } = this.#read(path);
      needs.forEach(each => found.add(each));
      imports.forEach(each => reached.add(each));
    }
    return found;
  }

  #read(file: string): Module {
    const known = this.#modules.get(file) ?? readModule(file);
    this.#modules.set(file, known);
    return known;
  }
}

function readModule(file: string): Module {
  if (!/\.[jt]sx?$/.test(file)) {
    return { needs: new Set(), imports: [] };
  }
  const text = readFileSync(file, 'utf8');
  if (NEEDS_NOTHING.test(text)) {
    return { needs: new Set(), imports: [] };
  }
  const imports = [...text.matchAll(IMPORT)]
    .map(([, , name]) => name)
    .filter(name => name.startsWith('.'))
    .map(name => resolveImport(dirname(file), name));
  if (UNKNOWN_IMPORT.test(text) || imports.includes(undefined)) {
    return NEEDS_EVERYTHING;
  }
  const needs = new Set(declaredNeeds(file, text));
  if (ALL_DATABASES.test(text)) {
    needs.add('postgresql');
  }
  return { needs, imports: imports.filter(path => path !== undefined) };
}

function declaredNeeds(file: string, text: string): ProgramName[] {
  return [...text.matchAll(DECLARATION)].flatMap(([, list]) =>
    list.split(', ').map(name => {
      const program = PROGRAM_NAMES.find(each => each === name);
      if (!program) {
        throw new Error(
          `${file} needs ${name}; known: ${PROGRAM_NAMES.join(', ')}`,
        );
      }
      return program;
    }),
  );
}

function resolveImport(folder: string, name: string): string | undefined {
  return EXTENSIONS.map(extension => join(folder, `${name}${extension}`)).find(
    path => existsSync(path) && statSync(path).isFile(),
  );
}
