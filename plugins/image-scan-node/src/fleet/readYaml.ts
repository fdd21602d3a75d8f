import { CST, Lexer, LineCounter, parseAllDocuments } from 'yaml';
import { DefinitionDocument } from './DefinitionDocument';

const MAX_BYTES = 1024 * 1024;

/**
 * Deeper files are not parsed: the parser recurses, and near the end of the stack the
 * regular expressions in it can end the whole process (measured).
 */
const MAX_DEPTH = 200;

/** A file that cannot be read, and the line of the reason. */
export interface Unreadable {
  line?: number;
  message: string;
}

/** Reads the documents of a YAML file; every scalar stays the text that is written. */
export function readYaml(
  source: Buffer,
): { documents: DefinitionDocument[] } | Unreadable {
  if (source.length > MAX_BYTES) {
    return {
      message: `the file has ${source.length} bytes, and at most ${MAX_BYTES} are read`,
    };
  }
  const text = source.toString('utf8');
  if (text.includes('\0')) {
    return { message: 'the file holds NUL bytes; save it as UTF-8' };
  }
  const deep = findTooDeepLine(text);
  if (deep !== undefined) {
    return {
      line: deep,
      message: `the file is nested more than ${MAX_DEPTH} levels or columns deep`,
    };
  }
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    // Compares all keys with each other, which takes minutes for a hostile file.
    uniqueKeys: false,
    logLevel: 'error',
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  for (const { errors } of documents) {
    if (errors.length > 0) {
      const { line, col } = lines.linePos(errors[0].pos[0]);
      return {
        line,
        message: `the file is not valid YAML (line ${line}, column ${col}): ${errors[0].message}`,
      };
    }
  }
  const read = documents.map(each => new DefinitionDocument(each, lines));
  for (const document of read) {
    const { unresolved } = document;
    if (unresolved) {
      return {
        line: document.lineOf(unresolved),
        message: `the alias *${unresolved.source} has no anchor above it`,
      };
    }
  }
  return { documents: read };
}

/** An upper bound of the nesting: columns of indentation, signs on the line, brackets. */
function findTooDeepLine(text: string): number | undefined {
  let line = 1;
  let brackets = 0;
  let lineDepth = 0;
  let isLineStart = true;
  for (const token of new Lexer().lex(text)) {
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
      return line;
    }
  }
  return undefined;
}

function countFeeds(token: string): number {
  return token.split('\n').length - 1;
}
