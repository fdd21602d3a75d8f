import { ServiceUnavailableError } from '@backstage/errors';
import {
  type HeldChange,
  type ImageScan,
  type ImageScanApi,
  type Problem,
  tagOfMarkerValue,
} from 'backstage-plugin-image-scan-common';
import {
  type Marker,
  MarkerScope,
  type ResolvedImage,
  TagOrder,
} from 'backstage-plugin-image-scan-node';
import { groupBy } from './groupBy';
import { isSameScan, type LocalEntry } from './readLocalEntries';
import type { Choice, Manifest } from './types';

const PAGE = 500;

/**
 * All scans of a git repo.
 *
 * @throws ServiceUnavailableError where the list changed while its pages were read: a
 * marker could then be given to the wrong one of two scans
 */
export async function listAllScans(
  client: ImageScanApi,
  gitRepo: string,
): Promise<ImageScan[]> {
  const scans = new Map<string, ImageScan>();
  for (let offset = 0; ; offset += PAGE) {
    const { items, totalItems } = await client.listImageScans({
      gitRepo,
      // By name: states change from one page to the next.
      orderBy: { field: 'tagName', order: 'asc' },
      limit: PAGE,
      offset,
    });
    items.forEach(scan => scans.set(scan.id, scan));
    if (offset + items.length >= totalItems || items.length === 0) {
      if (scans.size !== totalItems) {
        throw new ServiceUnavailableError(
          `The image scans of git repo ${gitRepo} changed while they were read; run the task again`,
        );
      }
      return [...scans.values()];
    }
  }
}

/** Gives each marker the latest image of its scan, by the rules of the git repo itself. */
export function chooseScannedImages(
  manifests: readonly Manifest[],
  scans: readonly ImageScan[],
  entries: readonly LocalEntry[],
): Choice {
  const scope = new MarkerScope(scans, obstaclesAmong(entries, scans));
  const problems: Problem[] = [];
  const found = manifests.flatMap(({ file, markers }) =>
    markers.flatMap(marker => {
      const target = scope.resolve(marker.tagName, file);
      if ('scan' in target) {
        return [{ file, marker, scan: target.scan }];
      }
      const { line, tagName } = marker;
      problems.push({ file, line, tagName, message: target.problem });
      return [];
    }),
  );

  const byScan = groupBy(found, ({ scan }) => scan.id);
  const decisions = new Map(
    [...byScan].map(([id, uses]) => [
      id,
      decide(
        uses[0].scan,
        uses.map(({ marker }) => marker),
      ),
    ]),
  );
  const imagesIn = new Map<string, Map<string, ResolvedImage>>();
  for (const { file, marker, scan } of found) {
    const { line, tagName } = marker;
    const decision = decisions.get(scan.id);
    if (decision && 'image' in decision) {
      const images = imagesIn.get(file) ?? new Map<string, ResolvedImage>();
      imagesIn.set(file, images.set(tagName, decision.image));
    } else if (decision) {
      const message = `not written, because the scan ${tagName} ${decision.reason}`;
      problems.push({ file, line, tagName, message });
    }
  }
  return { imagesIn, problems, warnings: [] };
}

/** Entries whose result the backend does not have; two of one name in a folder have none. */
function obstaclesAmong(
  entries: readonly LocalEntry[],
  scans: readonly ImageScan[],
): LocalEntry[] {
  const keyOf = (place: { path: string; tagName?: string }) =>
    JSON.stringify([place.path, place.tagName]);
  const scanAt = new Map(scans.map(scan => [keyOf(scan), scan]));
  return [...groupBy(entries, keyOf)].flatMap(([key, twins]) => {
    const scan = scanAt.get(key);
    return twins.length === 1 && scan && isSameScan(twins[0], scan)
      ? []
      : twins;
  });
}

function decide(
  scan: ImageScan,
  markers: readonly Marker[],
): { image: ResolvedImage } | { reason: string } {
  const { image, latestTag, latestDigest } = scan;
  if (scan.suspend) {
    return { reason: 'is suspended' };
  }
  if (latestTag === undefined) {
    return { reason: 'has no result yet' };
  }
  // What a person decided has no tag to hold it at where git has none.
  if (scan.held?.decision) {
    return { reason: `is kept as it is: ${scan.held.reason}` };
  }
  const held = scan.held ?? findDowngrade(scan, latestTag, markers);
  if (held) {
    return { reason: `is held at ${held.from}: ${held.reason}` };
  }
  return {
    image: {
      image,
      tag: latestTag,
      ...(latestDigest !== undefined && { digest: latestDigest }),
    },
  };
}

/**
 * The workspace may be of another branch or commit than the backend's, so what it has
 * is compared too. A value that git also has was judged there, with more knowledge: the
 * definition may just have been changed to go back.
 */
function findDowngrade(
  scan: ImageScan,
  to: string,
  markers: readonly Marker[],
): HeldChange | undefined {
  const tagsOf = (list: readonly Pick<Marker, 'form' | 'current'>[]) =>
    list.flatMap(({ form, current }) => tagOfMarkerValue(form, current) ?? []);
  const judged = new Set(tagsOf(scan.markers));
  const others = tagsOf(markers).filter(tag => !judged.has(tag));
  if (others.length === 0) {
    return undefined;
  }
  const order = new TagOrder(scan);
  for (const from of others) {
    const why = order.explainStepBack(from, to);
    if (why !== undefined) {
      return { from, to, reason: `the workspace has ${from}, ${why}` };
    }
  }
  return undefined;
}
