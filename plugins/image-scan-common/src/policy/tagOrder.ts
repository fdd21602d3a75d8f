import type { ImagePolicy } from '../types';
import { compareVersions, type Version } from './version';

// The fallback tag of the referrers API and of cosign: the digest of another manifest.
const DIGEST_TAG = /^sha256-[0-9a-f]{64}(?:\.|$)/;

/**
 * Whether a tag holds an artefact of another image, such as its signature. Such
 * tags never compete; with `desc`, `sha256-…` would beat every number.
 *
 * @public
 */
export function isArtefactTag(tag: string): boolean {
  return (
    tag.endsWith('.sig') ||
    tag.endsWith('.att') ||
    tag.endsWith('.sbom') ||
    (tag.startsWith('sha256-') && DIGEST_TAG.test(tag))
  );
}

/** The part of a policy that decides. @public */
export type PolicyKind = 'semver' | 'alphabetical' | 'numerical' | 'newest';

const KINDS = ['semver', 'alphabetical', 'numerical', 'newest'] as const;

/** The first of all parts that are set, `semver` where none is. @public */
export function kindOf(policy: ImagePolicy): PolicyKind {
  return KINDS.find(kind => policy[kind] !== undefined) ?? 'semver';
}

/** All parts that are set, the one that decides first. */
export function kindsOf(policy: ImagePolicy): PolicyKind[] {
  return KINDS.filter(kind => policy[kind] !== undefined);
}

/** The range that decides, undefined where another part does. */
export function semverRangeOf(policy: ImagePolicy): string | undefined {
  return kindOf(policy) === 'semver' ? policy.semver?.range ?? '*' : undefined;
}

/** Whether the alphabetical policy takes the largest tag. */
export function largestFirst(policy: ImagePolicy): boolean {
  return policy.alphabetical?.order !== 'asc';
}

/** Whether the numerical policy takes the largest number. */
export function largestNumberFirst(policy: ImagePolicy): boolean {
  return policy.numerical?.order !== 'desc';
}

/**
 * A total order of tags by version: positive when `a` is to be preferred. Equal
 * versions differ by how fully they are written, so that a list always has one
 * best tag: `1.0.0` before `1.0` before `v1.0` before `1`.
 */
export function comparePreferred(a: Version, b: Version): number {
  return (
    compareVersions(a, b) ||
    a.numericParts - b.numericParts ||
    Number(b.hasV) - Number(a.hasV) ||
    compareCodeUnits(b.text, a.text)
  );
}

/** By UTF-16 code units, which for tags (they are ASCII) is byte order. */
export function compareCodeUnits(a: string, b: string): -1 | 0 | 1 {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
