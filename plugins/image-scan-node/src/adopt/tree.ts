import type { ScalarStyle } from '../markers/scalarText';

/** What stands behind a key or a dash and is no collection. */
export interface Value {
  /** `empty` is a key without a value. */
  kind: 'scalar' | 'alias' | 'block' | 'empty';
  /** Offset in {@link ManifestText.raw}, quotes included. */
  start: number;
  end: number;
  style: ScalarStyle;
  /** The line that it ends on; of a block text, that of its header. From 1. */
  line: number;
  isMultiLine: boolean;
  touchesTemplate: boolean;
  anchor?: string;
  tag?: string;
  /** Where a comment can be put: behind it, and behind a comma that follows it. */
  insertAt: number;
  /** Whether anything but a comment and a comma follows on its line. */
  isCrowded: boolean;
  /** The comment behind it on its line. */
  comment?: { start: number; end: number };
}

/** An open map or list. */
export interface Level {
  isMap: boolean;
  /** Column of its keys or dashes; -1 in braces and brackets. */
  indent: number;
  /** The key that is being read; of a list, undefined. */
  key?: string;
  keyLine: number;
  hasValue: boolean;
  /** Values of the keys that the reader asked for. */
  values: Map<string, Value>;
  /** Of a list: the item before. */
  lastItem?: Value;
}

/** What is told of a manifest while it is read; the innermost level comes last. */
export interface TreeReader {
  /** Keys whose values are kept in {@link Level.values}. */
  readonly keptKeys: ReadonlySet<string>;
  readKey(levels: readonly Level[]): void;
  readValue(value: Value, levels: readonly Level[]): void;
  leaveLevel(levels: readonly Level[]): void;
  /** Its aliases are known then. */
  endDocument(document: DocumentFacts): void;
}

/** What is known of a document when it ends. */
export interface DocumentFacts {
  /** Anchors that an alias refers to. */
  aliases: ReadonlySet<string>;
  /** Whether it begins with a brace, as JSON does. */
  isJson: boolean;
}

/** How comments behind something stand in a file. */
export interface CommentStyle {
  behindText: number;
  /** Those that two blanks part from it. */
  behindTwoBlanks: number;
  /** Comment lines in front of everything else. */
  leading: string;
}
