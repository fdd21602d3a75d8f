import { CST, Lexer, LineCounter, Parser } from 'yaml';
import type { Document } from 'yaml';
import type { PausingWork } from '../inTurns';
import { PausingComposer } from './PausingComposer';
import { DefinitionDocument } from './DefinitionDocument';

/** Bytes of a file that is parsed. */
export const MAX_DEFINITION_BYTES = 1024 * 1024;

/**
 * Deeper files are not parsed: the parser recurses, and near the end of the stack the
 * regular expressions in it can end the whole process (measured).
 */
const MAX_DEPTH = 200;

/**
 * What the parser may have open at the same time: more than any file needs that
 * passed the look at its depth. What is no YAML it nests in many other ways.
 */
const MAX_STACK = 2 * MAX_DEPTH;

/** Tokens between two pauses: a millisecond. */
const TOKENS_AT_ONCE = 200;

/** A file that cannot be read, and the line of the reason. */
export interface Unreadable {
  line?: number;
  message: string;
}

/** What was read of a YAML file, and how many tokens it has, as far as it was looked at. */
export type ReadYaml = { tokens: number } & (
  | { documents: DefinitionDocument[] }
  | Unreadable
);

/**
 * Reads the documents of a YAML file; every scalar stays the text that is written.
 *
 * @param maxTokens - more are not parsed: each costs some microseconds
 */
export function* readYaml(
  source: Buffer,
  maxTokens: number,
): PausingWork<ReadYaml> {
  const count = { tokens: 0 };
  const read = yield* readDocuments(source, maxTokens, count);
  return { ...read, ...count };
}

function* readDocuments(
  source: Buffer,
  maxTokens: number,
  count: { tokens: number },
): PausingWork<{ documents: DefinitionDocument[] } | Unreadable> {
  if (source.length > MAX_DEFINITION_BYTES) {
    return {
      message: 'the file is larger than 1 MiB, the most that is read',
    };
  }
  const text = decode(source);
  if (typeof text !== 'string') {
    return text;
  }
  yield;
  const tokens = yield* lex(text, maxTokens, count);
  if (!Array.isArray(tokens)) {
    return tokens;
  }
  const lines = new LineCounter();
  const documents = yield* parseDocuments(tokens, text.length, lines);
  if (!Array.isArray(documents)) {
    return documents;
  }
  for (const { errors } of documents) {
    if (errors.length > 0) {
      const { line, col } = lines.linePos(errors[0].pos[0]);
      return {
        line,
        message: `the file is not valid YAML (line ${line}, column ${col}): ${explain(
          errors[0].message,
        )}`,
      };
    }
  }
  yield;
  const read: DefinitionDocument[] = [];
  for (const each of documents) {
    read.push(new DefinitionDocument(each, lines));
    yield;
  }
  for (const document of read) {
    const { unresolved } = document;
    if (unresolved) {
      return {
        line: document.lineOf(unresolved),
        message: `the alias *${shorten(
          unresolved.source,
        )} has no anchor above it`,
      };
    }
  }
  return { documents: read };
}

/**
 * All documents, or those up to the first error: a file of brackets has a million
 * errors, which take ten seconds to list.
 */
function* parseDocuments(
  tokens: readonly string[],
  length: number,
  lines: LineCounter,
): PausingWork<Document.Parsed[] | Unreadable> {
  const composer = new PausingComposer();
  const documents: Document.Parsed[] = [];
  let failed = false;
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let seen = 0;
  for (const source of tokens) {
    seen += 1;
    if (seen % TOKENS_AT_ONCE === 0) {
      yield;
    }
    for (const token of parser.next(source)) {
      documents.push(...(yield* composer.next(token)));
      failed ||= token.type === 'error';
    }
    if (parser.stack.length > MAX_STACK) {
      return tooDeep(lines.linePos(parser.offset - source.length).line);
    }
    if (failed) {
      break;
    }
  }
  for (const token of failed ? [] : parser.end()) {
    documents.push(...(yield* composer.next(token)));
    failed ||= token.type === 'error';
  }
  // Without a document the error would have no place.
  documents.push(...(yield* composer.end(failed, length)));
  return documents;
}

function tooDeep(line: number): Unreadable {
  return {
    line,
    message: `the file is nested more than ${MAX_DEPTH} levels or columns deep`,
  };
}

/** The text of a file, or why it has none. */
function decode(source: Buffer): string | Unreadable {
  const nul = source.indexOf(0);
  if (nul >= 0) {
    return {
      line: lineAt(source, nul),
      message: 'the file holds NUL bytes; save it as UTF-8',
    };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(source);
    if (text.includes('\r') && !text.includes('\n')) {
      return {
        message:
          'the lines of the file end with CR alone; save it with LF or CRLF',
      };
    }
    return text;
  } catch {
    // Both stop at the same byte, and only the second says where that is.
    const valid = Buffer.from(source.toString('utf8').split('\uFFFD', 1)[0]);
    return {
      line: lineAt(source, valid.length),
      message: 'the file is not UTF-8; save it as UTF-8',
    };
  }
}

/** A name for an error message. */
function shorten(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}

function lineAt(source: Buffer, offset: number): number {
  return countFeeds(source.toString('latin1', 0, offset)) + 1;
}

/** What the parser's words mostly mean for a person. */
const HINTS: readonly [RegExp, string][] = [
  [/^Tabs are not allowed/, 'indent with blanks'],
  [
    /^(?:Alias cannot|Block scalar header|Plain value cannot start)/,
    'a value that begins with one of * & ! | > % @ ` needs quotes',
  ],
  [/^Implicit (?:map )?keys need/, 'is a colon or a quote missing?'],
  [
    /^Nested mappings are not allowed/,
    'a value with a colon in it needs quotes, and all keys of a map stand in one column',
  ],
  [
    /^(?:Sequence item without|All mapping items must|All sequence items must)/,
    'all keys of a map stand in one column, as do all dashes of a list',
  ],
];

/** The parser's words without the source that some quote, which may be a secret. */
function explain(message: string): string {
  const [reason] = message.split(/: | in YAML stream/, 1);
  const hint = HINTS.find(([words]) => words.test(message))?.[1];
  return hint ? `${reason}; ${hint}` : reason;
}

/**
 * The tokens of a text, unless it is not parsed: for too many of them, or for too deep
 * nesting by an upper bound of it (columns of indentation, signs on the line, brackets).
 */
function* lex(
  text: string,
  maxTokens: number,
  count: { tokens: number },
): PausingWork<string[] | Unreadable> {
  const tokens: string[] = [];
  let line = 1;
  let brackets = 0;
  let lineDepth = 0;
  let isLineStart = true;
  for (const token of new Lexer().lex(text)) {
    tokens.push(token);
    // A sign of the lexer's own, in front of each plain value.
    count.tokens += token === CST.SCALAR ? 0 : 1;
    if (count.tokens > maxTokens) {
      return {
        line,
        message: `the file has more than ${maxTokens.toLocaleString(
          'en-US',
        )} tokens of YAML (names, values, signs and line ends; limit definitionTokens), the most that is read of it; move imageScans to a file of its own, or divide the file`,
      };
    }
    if (count.tokens % TOKENS_AT_ONCE === 0) {
      yield;
    }
    const kind = CST.tokenType(token);
    switch (kind) {
      case 'newline':
        line += 1;
        lineDepth = 0;
        isLineStart = true;
        continue;
      case 'space':
        lineDepth += isLineStart ? token.length : 0;
        break;
      case 'flow-map-start':
      case 'flow-seq-start':
        brackets += 1;
        break;
      case 'flow-map-end':
      case 'flow-seq-end':
        brackets -= 1;
        break;
      case 'flow-error-end':
        brackets = 0;
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
      case 'map-value-ind':
        lineDepth += brackets > 0 ? 0 : 1;
        break;
      default:
        line += countFeeds(token);
    }
    isLineStart = false;
    if (lineDepth + brackets > MAX_DEPTH) {
      return tooDeep(line);
    }
  }
  return tokens;
}

function countFeeds(token: string): number {
  return token.includes('\n') ? token.split('\n').length - 1 : 0;
}
