import type { PausingWork } from '../inTurns';
import type { ScopedScan } from '../markers/MarkerScope';
import { MarkerScope } from '../markers/MarkerScope';

const MAX_LENGTH = 40;

/** Legal, and not to be told from the forms of a marker. */
const UNREADABLE: ReadonlySet<string> = new Set(['name', 'tag', 'digest']);

/** Markers of one name that are looked at one by one; of more, the name is taken. */
const MAX_MARKERS = 200;

/** Images between two pauses. */
const NAMES_AT_ONCE = 50;

/** What needs a name: an image and what tells its tags from others of the same image. */
export interface Nameless {
  folder: string;
  image: string;
  /** The rule for its tags, in any form that can be compared. */
  rule: string;
  /** What its tag has beside the version: `alpine`. */
  variant: string;
  /** The version that the rule begins at: `1.25`. */
  version: string;
}

/** A scan that a file of the repository defines. */
export interface ExistingScan extends ScopedScan {
  image: string;
}

/** Names scans: readable, free in their folder, and without changing any other marker. */
export class TagNames {
  /** By name. */
  readonly #scans = new Map<string, ExistingScan[]>();
  /** Names by folder and image. */
  readonly #byImage = new Map<string, string>();
  /** Files by the name in their markers. */
  readonly #markers = new Map<string, string[]>();
  readonly #names = new Map<string, string>();

  /**
   * @param scans - of the repository, also those that cannot be used
   * @param markers - of the repository
   */
  constructor(
    scans: Iterable<ExistingScan>,
    markers: Iterable<{ file: string; tagName: string }>,
  ) {
    for (const scan of scans) {
      listIn(this.#scans, scan.tagName).push(scan);
      this.#byImage.set(JSON.stringify([scan.path, scan.image]), scan.tagName);
    }
    for (const { file, tagName } of markers) {
      listIn(this.#markers, tagName).push(file);
    }
  }

  /** Names all at once, as the name of one depends on the others of its folder. */
  *add(all: Iterable<Nameless>): PausingWork<void> {
    const folders = new Map<string, Map<string, Nameless>>();
    for (const each of all) {
      const folder = folders.get(each.folder) ?? new Map<string, Nameless>();
      folders.set(each.folder, folder);
      folder.set(keyOf(each), each);
    }
    for (const [folder, entries] of folders) {
      yield* this.#nameFolder(folder, [...entries.values()]);
    }
  }

  /** @returns undefined for what was not added */
  nameOf(each: Nameless): string | undefined {
    return this.#names.get(keyOf(each));
  }

  *#nameFolder(
    folder: string,
    entries: readonly Nameless[],
  ): PausingWork<void> {
    const byImage = new Map<string, Nameless[]>();
    entries.forEach(each => listIn(byImage, each.image).push(each));
    yield;
    const imageNames = nameImages([...byImage.keys()]);
    const used = new Set<string>();
    let named = 0;
    for (const [image, rules] of byImage) {
      named += 1;
      if (named % NAMES_AT_ONCE === 0) {
        yield;
      }
      const imageName = imageNames.get(image) ?? image;
      const suffixes = nameRules(rules);
      // The scan that watches the image in this folder already.
      const existing =
        rules.length === 1
          ? this.#byImage.get(JSON.stringify([folder, image]))
          : undefined;
      rules.forEach((each, index) => {
        const name =
          existing ??
          this.#freeName(folder, shorten(imageName + suffixes[index]), used);
        used.add(name);
        this.#names.set(keyOf(each), name);
      });
    }
  }

  #freeName(folder: string, wanted: string, used: ReadonlySet<string>): string {
    const place = folder === '.' ? 'app' : clean(folder.split('/').pop() ?? '');
    const readable = UNREADABLE.has(wanted) ? `${place}-${wanted}` : wanted;
    const isFree = (name: string) =>
      !used.has(name) && !this.#changesOthers(name, folder);
    if (isFree(readable)) {
      return readable;
    }
    const placed = shorten(`${place}-${wanted}`);
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? placed : shorten(placed, `-${number}`);
      if (isFree(name)) {
        return name;
      }
    }
  }

  /** Whether a scan of this name here would change what a marker means. */
  #changesOthers(tagName: string, folder: string): boolean {
    const scans = this.#scans.get(tagName) ?? [];
    const markers = this.#markers.get(tagName) ?? [];
    if (scans.some(({ path }) => path === folder)) {
      return true;
    }
    if (scans.length + markers.length > MAX_MARKERS) {
      return true;
    }
    const before = new MarkerScope<ScopedScan>(scans, []);
    const after = new MarkerScope<ScopedScan>(
      [...scans, { path: folder, tagName }],
      [],
    );
    return markers.some(file => {
      const was = before.resolve(tagName, file);
      const is = after.resolve(tagName, file);
      return 'scan' in was
        ? !('scan' in is) || is.scan !== was.scan
        : 'scan' in is;
    });
  }
}

function keyOf({ folder, image, rule }: Nameless): string {
  return JSON.stringify([folder, image, rule]);
}

/** The last part of each, with as many in front as are needed to tell them apart. */
function nameImages(images: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  let open = images;
  for (let parts = 1; open.length > 0; parts += 1) {
    const byName = new Map<string, string[]>();
    open.forEach(image => listIn(byName, lastParts(image, parts)).push(image));
    open = [];
    for (const [name, same] of byName) {
      const longer = same.filter(image => image.split('/').length > parts);
      if (same.length === 1 || longer.length === 0) {
        same.forEach((image, index) =>
          names.set(image, index === 0 ? name : `${name}-${index + 1}`),
        );
      } else {
        same
          .filter(image => !longer.includes(image))
          .forEach(image => names.set(image, name));
        open = [...open, ...longer];
      }
    }
  }
  return names;
}

function lastParts(image: string, count: number): string {
  return clean(image.split('/').slice(-count).join('-'));
}

/** What tells the rules of one image apart: nothing, `-alpine`, `-1.25`. */
function nameRules(rules: readonly Nameless[]): string[] {
  if (rules.length === 1) {
    return [''];
  }
  const counts = new Map<string, number>();
  rules.forEach(({ variant }) =>
    counts.set(variant, (counts.get(variant) ?? 0) + 1),
  );
  return rules.map(({ variant, version }) => {
    const parts = [
      (counts.get(variant) ?? 0) > 1 ? version : '',
      clean(variant),
    ].filter(part => part !== '');
    return parts.map(part => `-${part}`).join('');
  });
}

function clean(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-._]+|[-._]+$/g, '');
}

function shorten(name: string, suffix = ''): string {
  return (
    clean(name)
      .slice(0, MAX_LENGTH - suffix.length)
      .replace(/[-._]+$/, '') + suffix
  );
}

function listIn<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
