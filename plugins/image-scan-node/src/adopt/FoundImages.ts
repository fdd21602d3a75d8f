import type { ImageText } from './imageText';
import type { DocumentFacts, Level, Value } from './tree';
import type { UnwatchedShape } from './types';
import type { ValueReader } from './ValueReader';

/** An image in a document, before it is known whether a marker can stand there. */
export interface Candidate extends ImageText {
  shape: UnwatchedShape;
  /** What a marker would stand behind. */
  value: Value;
  /** Whether what a marker writes there is a tag alone. */
  isTag: boolean;
  isBuiltHere: boolean;
  document: DocumentFacts;
}

/** A candidate of a document whose kind is not known yet. */
type Found = Omit<Candidate, 'document'> & {
  condition?: Condition;
  isBelowValues: boolean;
};

/** In which documents a candidate counts. */
export type Condition =
  /** In Helm values. */
  | 'values'
  /** In Helm values, and elsewhere where nothing else can be meant. */
  | 'values-like'
  | 'kind'
  | 'crd-or-values'
  | 'compose'
  | 'kustomization'
  | 'list'
  | 'configmap';

/** What kind of document it is: which of its images count. */
export interface DocumentScope {
  hasKind: boolean;
  isConfigMap: boolean;
  isCompose: boolean;
  isKustomization: boolean;
  /** Whether all of it is Helm values. */
  isValues: boolean;
  /** Whether Helm values stand below a key of it. */
  holdsValues: boolean;
}

/** Collects the images of one document, until it is known what kind it is. */
export class FoundImages {
  /** The path to where it is being read. */
  levels: readonly Level[] = [];
  #found: Found[] = [];
  readonly #values: ValueReader;

  constructor(values: ValueReader) {
    this.#values = values;
  }

  /** An image, as it was read. */
  add(
    found: Omit<Found, 'isBuiltHere' | 'isBelowValues'> & {
      isBuiltHere?: boolean;
    },
  ): void {
    const isBelowValues = this.levels.some(
      ({ key }) => key === 'values' || key === 'valuesObject',
    );
    this.#found.push({ isBuiltHere: false, ...found, isBelowValues });
  }

  /** A tag that stands apart from its image. */
  addTag({
    shape,
    value,
    image,
    reason,
    isPinned,
    condition,
  }: ImageText & {
    shape: UnwatchedShape;
    value: Value;
    isPinned: boolean;
    condition?: Condition;
  }): void {
    const read = this.#values.readTag(value);
    this.add({
      shape,
      value,
      isTag: true,
      ...(image !== undefined && { image }),
      ...read,
      reason: reason ?? (isPinned ? 'bare-digest' : read.reason),
      condition,
    });
  }

  /** A whole image. */
  addImage(
    value: Value,
    shape: UnwatchedShape,
    more: { condition?: Condition; isBuiltHere?: boolean } = {},
  ): void {
    if (value.kind !== 'empty') {
      this.add({
        shape,
        value,
        isTag: false,
        ...this.#values.readImage(value),
        ...more,
      });
    }
  }

  /** Those that count in a document of this kind; then the next document begins. */
  take(scope: DocumentScope, document: DocumentFacts): Candidate[] {
    const candidates: Candidate[] = [];
    const seen = new Set<Value>();
    for (const found of this.#found) {
      if (counts(found, scope) && !seen.has(found.value)) {
        seen.add(found.value);
        const { condition, isBelowValues, ...candidate } = found;
        const isOther =
          condition === 'crd-or-values' && !isInValues(found, scope);
        candidates.push({
          ...candidate,
          ...(isOther && { shape: 'crd' as const }),
          document,
        });
      }
    }
    this.#found = [];
    return candidates;
  }
}

function counts(found: Found, scope: DocumentScope): boolean {
  const { hasKind, isCompose, isKustomization } = scope;
  const { condition, shape } = found;
  switch (condition) {
    case undefined:
      return true;
    case 'values':
      return isInValues(found, scope);
    case 'values-like':
    case 'crd-or-values':
      return !isKustomization && (isInValues(found, scope) || hasKind);
    case 'kind':
      return hasKind && !isKustomization;
    case 'compose':
      return isCompose;
    case 'kustomization':
      return isKustomization;
    case 'configmap':
      return scope.isConfigMap;
    case 'list':
      return (
        hasKind || isInValues(found, scope) || isCompose || isKustomization
      );
    default:
      throw new Error(`Unknown condition of ${shape}`);
  }
}

function isInValues(
  { isBelowValues }: Found,
  { isValues, holdsValues }: DocumentScope,
): boolean {
  return isValues || (holdsValues && isBelowValues);
}
