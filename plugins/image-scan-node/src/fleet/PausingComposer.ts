import { Composer, isMap, isSeq } from 'yaml';
import type { CST, Document, YAMLSeq } from 'yaml';
import type { PausingWork } from '../inTurns';

/** Items of a list that are composed without a pause. */
const ITEMS_AT_ONCE = 100;

const OPTIONS = {
  schema: 'failsafe',
  prettyErrors: false,
  // Compares all keys with each other, which takes minutes for a hostile file.
  uniqueKeys: false,
  logLevel: 'error',
} as const;

/** A list that stands under a key at the top of a document. */
interface TopList {
  document: CST.Document;
  map: CST.BlockMap;
  /** Of its key in the map. */
  index: number;
  list: CST.BlockSequence;
}

/**
 * Makes nodes of what the parser gives, with pauses.
 *
 * @remarks
 * The composer of the `yaml` package makes a document in one piece. A long list under
 * a key at the top, as that of all image scans is, is divided: it is composed with the
 * last items only, behind which the document goes on, and the others in documents with
 * nothing but their part of it.
 */
export class PausingComposer {
  readonly #composer = new Composer(OPTIONS);
  /** They change what tags mean, of the documents of parts too. */
  #hasDirectives = false;
  /** What the last document still needs. */
  #rest: TopList | undefined;

  /** The documents that are whole. */
  *next(token: CST.Token): PausingWork<Document.Parsed[]> {
    this.#hasDirectives ||= token.type === 'directive';
    const long = this.#hasDirectives ? undefined : findLongList(token);
    const short = long
      ? withItems(long, long.list.items.slice(-ITEMS_AT_ONCE))
      : token;
    const before = [...this.#composer.next(short)];
    yield* this.#complete(before);
    if (token.type === 'document') {
      this.#rest = long;
    }
    return before;
  }

  /** The document that was not given yet. */
  *end(force: boolean, length: number): PausingWork<Document.Parsed[]> {
    const last = [...this.#composer.end(force, length)];
    yield* this.#complete(last);
    return last;
  }

  *#complete([document]: Document.Parsed[]): PausingWork<void> {
    if (document && this.#rest) {
      yield* addRest(document, this.#rest);
      this.#rest = undefined;
    }
  }
}

function findLongList(document: CST.Token): TopList | undefined {
  if (document.type !== 'document' || document.value?.type !== 'block-map') {
    return undefined;
  }
  const map = document.value;
  for (const [index, { value, sep }] of map.items.entries()) {
    if (
      value?.type === 'block-seq' &&
      value.items.length > ITEMS_AT_ONCE &&
      !sep?.some(({ type }) => type === 'tag')
    ) {
      return { document, map, index, list: value };
    }
  }
  return undefined;
}

/** The document with some of the items of its list. */
function withItems(
  { document, map, index, list }: TopList,
  items: CST.BlockSequence['items'],
): CST.Document {
  const value = { ...list, items };
  return {
    ...document,
    value: {
      ...map,
      items: map.items.map((item, at) =>
        at === index && item.sep ? { ...item, value } : item,
      ),
    },
  };
}

/** Composes all but the last items of a list, and puts them in front. */
function* addRest(
  document: Document.Parsed,
  { document: whole, map, index, list }: TopList,
): PausingWork<void> {
  const alone = {
    document: { type: whole.type, offset: whole.offset, start: [] },
    map: { ...map, items: [map.items[index]] },
    index: 0,
    list,
  };
  const rest = list.items.slice(0, -ITEMS_AT_ONCE);
  const items: unknown[] = [];
  for (let start = 0; start < rest.length; start += ITEMS_AT_ONCE) {
    yield;
    const composer = new Composer(OPTIONS);
    const [part] = composer.compose([
      withItems(alone, rest.slice(start, start + ITEMS_AT_ONCE)),
    ]);
    items.push(...listAt(part, 0).items);
    document.errors.push(...part.errors);
  }
  const target = listAt(document, index);
  target.items = items.concat(target.items);
  document.errors.sort((a, b) => a.pos[0] - b.pos[0]);
}

function listAt({ contents }: Document.Parsed, index: number): YAMLSeq {
  const list = isMap(contents) ? contents.items[index]?.value : undefined;
  if (!isSeq(list)) {
    throw new Error('A list of YAML was not composed as one');
  }
  return list;
}
