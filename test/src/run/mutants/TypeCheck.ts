import { join } from 'node:path';
import * as ts from 'typescript';

/** Type checks files of the project as they would be with another text. */
export class TypeCheck {
  readonly #service: ts.LanguageService;
  #changed: { file: string; text: string; version: number } | undefined;
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
      getScriptVersion: file => this.#versionOf(file),
      getScriptSnapshot: file => {
        const text = this.#textOf(file);
        return text === undefined
          ? undefined
          : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: options => ts.getDefaultLibFilePath(options),
    });
  }

  /** Whether a file with this text, all others as they are, has no error of its own. */
  passes(file: string, text: string): boolean {
    this.#version += 1;
    this.#changed = { file, text, version: this.#version };
    return this.#service.getSemanticDiagnostics(file).length === 0;
  }

  #versionOf(file: string): string {
    const version = file === this.#changed?.file ? this.#changed.version : 0;
    return `${version}`;
  }

  #textOf(file: string): string | undefined {
    return file === this.#changed?.file
      ? this.#changed.text
      : ts.sys.readFile(file);
  }
}
