import { InputError } from '@backstage/errors';
import {
  type ImageScanOrderField,
  imageScanStates,
  tagVerdicts,
} from 'backstage-plugin-image-scan-common';
import { z } from 'zod/v4';

const orderFields = [
  'image',
  'tagName',
  'gitRepo',
  'state',
  'latestTag',
  'lastScanTime',
] as const satisfies readonly ImageScanOrderField[];

/** The most tags a policy preview takes, and the longest of them. */
const MAX_PREVIEW_TAGS = 10_000;
const MAX_TAG_LENGTH = 128;

/** PostgreSQL takes no NUL, and nothing that could be found has one. */
const plainText = z.string().regex(/^[^\0]*$/, { error: 'must not hold NUL' });

/** In the words of whoever decides. */
const reason = plainText.max(1_000);

/** Tags that one update can name; each is looked for, and may be asked for. */
const MOST_TAGS = 100;

/** What one request can name: more would hold up others for too long. */
const MOST_IDS = 1_000;

const newDecision = {
  kind: z.enum(['hold', 'skip']),
  tag: plainText.min(1).max(MAX_TAG_LENGTH).optional(),
  reason: reason.optional(),
  until: z.iso.datetime({ offset: true }).optional(),
};

const tagOfSkip = [
  ({ kind, tag }: { kind: string; tag?: string }) =>
    (kind === 'skip') === (tag !== undefined),
  {
    path: ['tag'],
    error: 'give the tag to pass over with skip, and only then',
  },
] satisfies Parameters<z.ZodType<{ kind: string; tag?: string }>['refine']>;

const page = {
  limit: z.coerce.number().int().min(1).max(500).optional(),
  offset: z.coerce.number().int().min(0).optional(),
};

const policy = z
  .strictObject({
    semver: z
      .strictObject({
        range: z.string().max(512),
        strict: z.boolean().optional(),
        maxStep: z.enum(['patch', 'minor', 'major']).optional(),
      })
      .optional(),
    alphabetical: z
      .strictObject({ order: z.enum(['asc', 'desc']).optional() })
      .optional(),
    numerical: z
      .strictObject({ order: z.enum(['asc', 'desc']).optional() })
      .optional(),
    newest: z.strictObject({}).optional(),
  })
  .describe(
    'semver: { range, strict, maxStep }, alphabetical: { order: asc | desc }, numerical: { order: asc | desc } or newest: {}',
  );

/** The limits of definitions, which say of each pattern what is wrong with it. */
const filters = {
  filterTags: z
    .strictObject({
      pattern: z.string().max(2_048).optional(),
      extract: z.string().max(512).optional(),
    })
    .optional(),
  exclusionList: z.array(z.string().max(2_048)).max(25).optional(),
};

/** Queries and bodies of the REST API. */
export const requests = {
  imageScans: z.strictObject({
    ...page,
    gitRepo: z.string().optional(),
    entityRef: z.string().optional(),
    state: z.enum(imageScanStates).optional(),
    search: plainText.max(256).optional(),
    orderBy: z
      .string()
      .regex(new RegExp(`^(${orderFields.join('|')})(,(asc|desc))?$`), {
        error: `must be one of ${orderFields.join(
          ', ',
        )}, followed by ,asc or ,desc`,
      })
      .transform(text => {
        const [field, order = 'asc'] = text.split(',');
        return {
          field: z.enum(orderFields).parse(field),
          order: z.enum(['asc', 'desc']).parse(order),
        };
      })
      .optional(),
  }),
  tags: z.strictObject({
    ...page,
    search: z.string().max(256).optional(),
    verdict: z.enum(tagVerdicts).optional(),
  }),
  updates: z.strictObject({
    ...page,
    gitRepo: z.string().optional(),
    entityRef: z.string().optional(),
    imageScanId: plainText.optional(),
  }),
  update: z
    .strictObject({
      dryRun: z.boolean().optional(),
      plan: z.string().optional(),
      tagNames: z.array(z.string()).optional(),
      imageScanIds: z.array(plainText).max(MOST_IDS).optional(),
      message: z.string().min(1).max(10_000).optional(),
      allowDowngrade: z.boolean().optional(),
      tags: z
        .record(plainText, plainText.min(1).max(MAX_TAG_LENGTH))
        .optional(),
      revert: plainText.optional(),
      reason: reason.optional(),
      until: z.iso.datetime({ offset: true }).optional(),
      release: z.array(plainText).max(MOST_IDS).optional(),
    })
    .refine(
      ({ tagNames, imageScanIds }) =>
        tagNames === undefined || imageScanIds === undefined,
      { error: 'give tagNames or imageScanIds, not both' },
    )
    .refine(({ tags, revert }) => tags === undefined || revert === undefined, {
      error: 'give tags or revert, not both',
    })
    .refine(
      ({ tags, revert, reason: why, until }) =>
        tags !== undefined ||
        revert !== undefined ||
        (why === undefined && until === undefined),
      { error: 'reason and until are of what tags or revert write' },
    )
    .refine(
      ({ tags }) =>
        !tags ||
        (Object.keys(tags).length > 0 && Object.keys(tags).length <= MOST_TAGS),
      { path: ['tags'], error: `must be of 1 to ${MOST_TAGS} scans` },
    ),
  decisions: z.strictObject({
    ...page,
    gitRepo: z.string().optional(),
    entityRef: z.string().optional(),
    imageScanId: plainText.optional(),
    active: z
      .union([z.boolean(), z.enum(['true', 'false'])], {
        error: 'must be true or false',
      })
      .transform(value => String(value) === 'true')
      .optional(),
  }),
  decide: z
    .strictObject({
      ...newDecision,
      gitRepo: z.string().optional(),
      imageScanId: plainText.optional(),
      release: z.array(plainText).max(100).optional(),
    })
    .refine(
      ({ gitRepo, imageScanId }) =>
        gitRepo === undefined || imageScanId === undefined,
      { error: 'give gitRepo or imageScanId, or neither for everything' },
    )
    .refine(
      ({ kind, imageScanId }) => kind !== 'skip' || imageScanId !== undefined,
      { error: 'a skip is of one tag of one scan; give imageScanId' },
    )
    .refine(({ kind, release }) => kind === 'skip' || release === undefined, {
      error: 'release is of a skip',
    })
    .refine(...tagOfSkip),
  decideOnScans: z
    .strictObject({
      ...newDecision,
      imageScanIds: z.array(plainText).min(1).max(MOST_IDS),
    })
    .refine(...tagOfSkip),
  release: z.strictObject({ reason: reason.optional() }),
  decision: z.strictObject({ id: plainText }),
  preview: z.strictObject({
    policy,
    ...filters,
    minimumAge: z.number().int().min(0).optional(),
    tags: z
      .array(z.string().max(MAX_TAG_LENGTH))
      .max(MAX_PREVIEW_TAGS)
      .optional(),
    imageScanId: plainText.optional(),
  }),
  imageScan: z.strictObject({ id: plainText }),
  nothing: z.strictObject({}),
};

/**
 * Checks a query or body.
 *
 * @throws InputError that names each wrong field and what is allowed.
 */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input ?? {});
  if (!parsed.success) {
    throw new InputError(z.prettifyError(parsed.error));
  }
  return parsed.data;
}
