import { NotFoundError } from '@backstage/errors';
import { kindOf } from 'backstage-plugin-image-scan-common';
import { ageDigest, knownDigest } from '../model/ageDigest';
import type { Choice, ChoiceConditions, EarlierChoice } from '../model/choice';
import { commonTag, evaluationOptions } from '../model/passOver';
import { describePlatforms, missingPlatforms } from '../model/platforms';
import type { ChoiceNotes, ChoiceRule, ScanResult } from '../model/types';
import { explainNothing } from './explainNothing';
import { selectTags } from './selectTags';

/** The best tags that are looked at for their platforms. */
const MOST_TRIED = 5;

/** What is to be chosen, and how. */
export interface ChoiceRequest {
  rule: ChoiceRule;
  /** All tags of the image. */
  tags: readonly string[];
  /** What a tag points to now. */
  resolveDigest: (tag: string) => Promise<string>;
  /** The platforms of an image; needed where the rule names some. */
  readPlatforms?: (digest: string) => Promise<readonly string[]>;
  /** What people and time say; default nothing. */
  conditions?: ChoiceConditions;
  /** Default nothing. */
  before?: EarlierChoice;
}

/**
 * Chooses a tag and finds the digest it points to now.
 *
 * @remarks
 * A tag can vanish between the list and the question for its digest. Then the
 * choice is made once more without it; a second such tag fails the scan. Where platforms
 * are wanted, at most five tags are looked at, the best first.
 *
 * @throws NotFoundError when no tag can be chosen, with the reasons counted, and
 * InputError when patterns cannot be used or take too long.
 */
export async function chooseImage(request: ChoiceRequest): Promise<Choice> {
  let rest = request.tags;
  let gone: string | undefined;
  const lacking: [tag: string, reason: string][] = [];
  while (lacking.length < MOST_TRIED) {
    const attempt = await chooseOnce(request, rest, lacking);
    if ('notes' in attempt) {
      return attempt;
    }
    if ('lacks' in attempt) {
      lacking.push([attempt.tag, attempt.lacks]);
    } else if (gone === undefined) {
      gone = attempt.tag;
    } else {
      throw attempt.error;
    }
    rest = without(rest, attempt.tag);
  }
  throw lackingError(request.rule, lacking);
}

function without(tags: readonly string[], tag: string): string[] {
  return tags.filter(other => other !== tag);
}

/** A tag that cannot be chosen after all. */
type Failed =
  | { tag: string; lacks: string }
  /** It vanished since it was listed. */
  | { tag: string; error: unknown };

async function chooseOnce(
  request: ChoiceRequest,
  tags: readonly string[],
  lacking: ChoiceNotes['wrongPlatforms'] & {},
): Promise<Choice | Failed> {
  const { rule, conditions, before = { notes: {} } } = request;
  const { selected, waiting } = await selectTags(rule, tags, conditions);
  if (selected === undefined) {
    if (lacking.length > 0) {
      throw lackingError(rule, lacking);
    }
    return chooseNothing(rule, tags, { conditions, waiting });
  }
  let found: ScanResult;
  let lacks: string | undefined;
  try {
    found = { tag: selected, digest: await request.resolveDigest(selected) };
    lacks = await explainLacking(request, found.digest);
  } catch (error) {
    if (isGone(error)) {
      return { tag: selected, error };
    }
    throw error;
  }
  const markers = conditions?.markers ?? [];
  if (lacks !== undefined && selected !== commonTag(markers)) {
    return { tag: selected, lacks };
  }
  if (lacks !== undefined) {
    // It is there already, but what was pushed under it since is not for everybody.
    const known = knownDigest(selected, markers, before.result);
    found.digest = known ?? found.digest;
  }
  const { result, notes } = conditions
    ? ageDigest(rule, found, conditions, before)
    : { result: found, notes: {} };
  return {
    result,
    notes: {
      ...notes,
      ...first(waiting, notes.waiting),
      ...(lacking.length > 0 && { wrongPlatforms: [...lacking] }),
      ...timesOf(request, found.tag),
    },
  };
}

/** What an image has in place of the platforms that it should have, where it lacks one. */
async function explainLacking(
  { rule: { platforms = [] }, readPlatforms }: ChoiceRequest,
  digest: string,
): Promise<string | undefined> {
  if (platforms.length === 0 || !readPlatforms) {
    return undefined;
  }
  const available = await readPlatforms(digest);
  return missingPlatforms(platforms, available).length > 0
    ? describePlatforms(available)
    : undefined;
}

function lackingError(
  { platforms = [] }: ChoiceRule,
  lacking: readonly (readonly [tag: string, reason: string])[],
): NotFoundError {
  const tags = lacking.map(([tag, reason]) => `${tag} ${reason}`).join('; ');
  return new NotFoundError(
    `none of the ${lacking.length} best tags has ${platforms.join(
      ' and ',
    )}: ${tags}`,
  );
}

/**
 * What comes of a choice that nothing can be chosen by.
 *
 * @throws NotFoundError unless that may be different later, with the same tags
 */
async function chooseNothing(
  rule: ChoiceRule,
  tags: readonly string[],
  found: { conditions?: ChoiceConditions; waiting?: ChoiceNotes['waiting'] },
): Promise<Choice> {
  const { conditions, waiting } = found;
  if (waiting) {
    return { notes: { waiting } };
  }
  const { message, isUndecided } = await explainNothing(rule, tags, conditions);
  if (isUndecided) {
    return { notes: { undecided: message } };
  }
  throw new NotFoundError(message);
}

/** When the tags appeared that are to be compared, where they are ordered by that. */
function timesOf(
  { rule, tags, conditions, before }: ChoiceRequest,
  selected: string,
): Pick<ChoiceNotes, 'firstSeen'> {
  const { firstSeen } = conditions ?? {};
  if (!conditions || !firstSeen || kindOf(rule.policy) !== 'newest') {
    return {};
  }
  const known = new Map(before?.notes.firstSeen);
  const compared = new Set([
    selected,
    ...(evaluationOptions(conditions).tagsInGit ?? []),
    ...(before?.settledTag ? [before.settledTag] : []),
  ]);
  return {
    firstSeen: [...compared].flatMap(tag => {
      const time = tags.includes(tag) ? firstSeen.timeOf(tag) : known.get(tag);
      return time === undefined ? [] : [[tag, time] as const];
    }),
  };
}

/** What comes first of two that wait. */
function first(
  a: ChoiceNotes['waiting'],
  b: ChoiceNotes['waiting'],
): Pick<ChoiceNotes, 'waiting'> {
  const waiting = a && b && b.until < a.until ? b : a ?? b;
  return waiting ? { waiting } : {};
}

function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'category' in error &&
    error.category === 'not-found'
  );
}
