import { createHash } from 'node:crypto';
import type { RepositoryContents } from '../database/GitRepoStore';
import type { ClaimedScan } from '../database/ScanQueue';
import type { ScanDefinition, ScanMarker, StoredUpdate } from '../model/types';

/** A definition of the folder `.`; its hashes follow from what is given. */
export function aDefinition(
  tagName: string,
  overrides: Partial<ScanDefinition> = {},
): ScanDefinition {
  const definition = {
    gitRepo: 'repo',
    path: '.',
    image: `registry.example.com/${tagName}`,
    policy: { semver: { range: '*' } },
    interval: 300_000,
    suspend: false,
    file: 'fleet.yaml',
    line: 1,
    warnings: [],
    registryHost: 'registry.example.com',
    ...overrides,
  };
  const { gitRepo, path, image, policy, secretRef } = definition;
  return {
    tagName,
    id: hash([gitRepo, path, tagName]),
    hash: hash([image, policy]),
    listKey: hash([image, secretRef]),
    ...definition,
  };
}

/** A scan that was claimed and has no result yet. */
export function aClaimedScan(
  definition: ScanDefinition,
  overrides: Partial<ClaimedScan> = {},
): ClaimedScan {
  return {
    definition,
    failures: 0,
    epoch: 0,
    markers: [],
    skips: [],
    before: { notes: {} },
    ...overrides,
  };
}

export function aMarker(
  { id: scanId }: { id: string },
  overrides: Partial<ScanMarker> = {},
): ScanMarker {
  return {
    scanId,
    file: 'deployment.yaml',
    line: 3,
    form: 'tag',
    current: '1.0.0',
    ...overrides,
  };
}

/** What is read at a head with these definitions. */
export function contentsOf(
  definitions: readonly ScanDefinition[],
  overrides: Partial<RepositoryContents> = {},
): RepositoryContents {
  return {
    remote: 'https://git.example.com/org/repo',
    branch: 'main',
    headCommit: '1'.repeat(40),
    definitions,
    unusable: [],
    markers: [],
    problems: [],
    scanProblems: new Map(),
    ...overrides,
  };
}

/** A commit that wrote `1.1.0` at a marker of each scan. */
export function anUpdate(
  id: string,
  scans: readonly ScanDefinition[],
  overrides: Partial<StoredUpdate> = {},
): StoredUpdate {
  return {
    id,
    gitRepo: 'repo',
    branch: 'main',
    commit: hash(id).padEnd(40, '0'),
    message: 'update image',
    initiator: 'schedule',
    changes: scans.map(scan => ({
      file: 'deployment.yaml',
      line: 3,
      tagName: scan.tagName,
      imageScanId: scan.id,
      form: 'tag',
      from: '1.0.0',
      to: '1.1.0',
    })),
    createdAt: 1_000,
    ...overrides,
  };
}

function hash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value))
    .digest('hex')
    .slice(0, 24);
}
