import { join } from 'node:path';
import * as ts from 'typescript';

/** Type checks files of the project as they would be with another text. */
export class TypeCheck {
  readonly #changed = new Map<string, { text: string; version: number }>();
  readonly #service: ts.LanguageService;
  #version = 0;

  constructor(root: string) {
    const config = ts.getParsedCommandLineOfConfigFile(
      join(root, 'tsconfig.json'),
      {},
      {
        ...ts.sys,
        onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
          throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
        },
      },
    );
    if (!config) {
      throw new Error(`${root} has no tsconfig.json that can be read`);
    }
    this.#service = ts.createLanguageService({
      ...ts.sys,
      useCaseSensitiveFileNames: () => true,
      getCompilationSettings: () => config.options,
      getScriptFileNames: () => config.fileNames,
      getScriptVersion: file => `${this.#changed.get(file)?.version ?? 0}`,
      getScriptSnapshot: file => {
        const text = this.#changed.get(file)?.text ?? ts.sys.readFile(file);
        return text === undefined
          ? undefined
          : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: options => ts.getDefaultLibFilePath(options),
    });
  }

  /** Whether a file with this text has no error of its own. */
  passes(file: string, text: string): boolean {
    const original = ts.sys.readFile(file) ?? '';
    this.#set(file, text);
    const errors = this.#service.getSemanticDiagnostics(file);
    this.#set(file, original);
    return errors.length === 0;
  }

  #set(file: string, text: string): void {
    this.#version += 1;
    this.#changed.set(file, { text, version: this.#version });
  }
}
