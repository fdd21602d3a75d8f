import type {
  Decision,
  ImageScanApi,
  ImageScanListOptions,
  NewDecision,
} from 'backstage-plugin-image-scan-common';
import { listAllScans } from '../../api';

/** What is to be held. */
export type HoldTarget =
  | { kind: 'scan'; imageScanId: string; image: string; gitRepo: string }
  | { kind: 'gitRepo'; gitRepo: string }
  | { kind: 'filtered'; filter: ImageScanListOptions }
  | { kind: 'everything' };

/** What a target stands for at the moment. */
export interface FoundTarget {
  /** All that the user must be allowed to write to. */
  gitRepos: string[];
  /** Of a filter: each of them is held by itself. */
  imageScanIds: string[];
}

/** What one request can name. */
const MOST_IDS = 1_000;

/** Finds what is to be held, and where. */
export async function findTarget(
  api: ImageScanApi,
  target: HoldTarget,
): Promise<FoundTarget> {
  switch (target.kind) {
    case 'filtered': {
      const scans = await listAllScans(api, target.filter);
      return {
        gitRepos: [...new Set(scans.map(({ gitRepo }) => gitRepo))],
        imageScanIds: scans.map(({ id }) => id),
      };
    }
    case 'everything': {
      const { items } = await api.listGitRepos();
      return { gitRepos: items.map(({ name }) => name), imageScanIds: [] };
    }
    default:
      return { gitRepos: [target.gitRepo], imageScanIds: [] };
  }
}

/**
 * Holds a target.
 *
 * @returns commits that were announced before, so that they may arrive yet
 */
export async function hold(
  api: ImageScanApi,
  target: HoldTarget,
  { imageScanIds }: FoundTarget,
  why: Pick<NewDecision, 'reason' | 'until'>,
): Promise<string[]> {
  const decision = { kind: 'hold', ...why } as const;
  const made: Decision[] = [];
  switch (target.kind) {
    case 'scan': {
      const { imageScanId } = target;
      made.push(await api.decide({ ...decision, imageScanId }));
      break;
    }
    case 'gitRepo': {
      const { gitRepo } = target;
      made.push(await api.decide({ ...decision, gitRepo }));
      break;
    }
    case 'filtered':
      for (let at = 0; at < imageScanIds.length; at += MOST_IDS) {
        const ids = imageScanIds.slice(at, at + MOST_IDS);
        const { items } = await api.decideOnScans({
          ...decision,
          imageScanIds: ids,
        });
        made.push(...items);
      }
      break;
    default:
      made.push(await api.decide(decision));
  }
  return [...new Set(made.flatMap(({ underway = [] }) => underway))];
}
