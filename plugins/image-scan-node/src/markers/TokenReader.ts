import { CST, Lexer } from 'yaml';

/** The kinds of the `yaml` package, with the two kinds of scalar it leaves open. */
export type TokenKind =
  | Exclude<CST.TokenType, 'scalar'>
  /** What follows the header of a block scalar on its line and is no comment. */
  | 'error'
  | 'plain-scalar'
  | 'block-scalar';

/** Control characters that stand for something else in what the lexer gives. */
export const LEXER_SIGNS = [CST.DOCUMENT, CST.FLOW_END, CST.SCALAR];

/**
 * Reads the tokens of a YAML text one after the other, with their offsets.
 *
 * It is one object with changing fields, as a file of brackets has millions of tokens.
 * The text must be free of {@link LEXER_SIGNS}.
 */
export class TokenReader {
  kind: TokenKind = 'doc-mode';
  start = 0;
  /** Offset behind the token; its `start` for a token that has no text. */
  end = 0;
  readonly #sources: Iterator<string>;
  #blockHeaderSeen = false;

  constructor(text: string) {
    this.#sources = new Lexer().lex(text);
  }

  /** Moves to the next token; false at the end. */
  next(): boolean {
    const source = this.#nextSource();
    if (source === undefined) {
      return false;
    }
    this.start = this.end;
    if (source === CST.SCALAR) {
      this.kind = this.#blockHeaderSeen ? 'block-scalar' : 'plain-scalar';
      this.#blockHeaderSeen = false;
      this.end += this.#nextSource()?.length ?? 0;
      return true;
    }
    this.kind = this.#kindOf(source);
    if (this.kind !== 'doc-mode' && this.kind !== 'flow-error-end') {
      this.end += source.length;
    }
    return true;
  }

  #kindOf(source: string): TokenKind {
    const kind = CST.tokenType(source);
    if (this.#blockHeaderSeen) {
      return kind === 'space' || kind === 'comment' || kind === 'newline'
        ? kind
        : 'error';
    }
    this.#blockHeaderSeen = kind === 'block-scalar-header';
    if (kind === null || kind === 'scalar') {
      throw new Error(`Unknown YAML token ${JSON.stringify(source)}`);
    }
    return kind;
  }

  #nextSource(): string | undefined {
    const { done, value } = this.#sources.next();
    return done ? undefined : value;
  }
}

/** Tells whether a token is a scalar on the lines of its own text: not a block scalar. */
export function isFlowScalar(kind: TokenKind): boolean {
  return (
    kind === 'plain-scalar' ||
    kind === 'single-quoted-scalar' ||
    kind === 'double-quoted-scalar'
  );
}
