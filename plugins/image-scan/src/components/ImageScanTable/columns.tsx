import {
  type TranslationFunction,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Cell, useBreakpoint } from '@backstage/ui';
import {
  type ImageScan,
  describePolicy,
} from 'backstage-plugin-image-scan-common';
import { useMemo } from 'react';
import { imageScanTranslationRef } from '../../translation';
import type { DataColumn } from '../DataTable';
import { ScanReason } from '../ScanReason';
import { StateBadge } from '../StateBadge';
import styles from './ImageScanTable.module.css';
import {
  ImageName,
  LastAnswer,
  LatestTag,
  PolicyText,
  TagText,
  WrittenAt,
} from './cells';

type Texts = TranslationFunction<(typeof imageScanTranslationRef)['T']>;

const image = (
  t: Texts,
  scanHref: (id: string) => string,
): DataColumn<ImageScan> => ({
  id: 'image',
  label: t('table.image'),
  grow: 2,
  isRowHeader: true,
  isSortable: true,
  cell: scan => (
    <Cell>
      <ImageName scan={scan} href={scanHref(scan.id)} />
    </Cell>
  ),
});

const narrowImage = (
  t: Texts,
  scanHref: (id: string) => string,
): DataColumn<ImageScan> => ({
  ...image(t, scanHref),
  cell: scan => (
    <Cell>
      <ImageName scan={scan} href={scanHref(scan.id)} />
      <div className={styles.folded}>
        <TagText tag={scan.currentTag} />
        {isStep(scan) && (
          <>
            <span aria-hidden="true">→</span>
            <LatestTag scan={scan} />
          </>
        )}
      </div>
      <span className={styles.secondary}>{describePolicy(scan.policy)}</span>
    </Cell>
  ),
});

/** Whether there is a tag to go to, or another digest of the same one. */
function isStep({ latestTag, currentTag, change }: ImageScan): boolean {
  return (
    latestTag !== undefined &&
    (latestTag !== currentTag || change !== undefined)
  );
}

const gitRepo = (t: Texts): DataColumn<ImageScan> => ({
  id: 'gitRepo',
  label: t('table.gitRepo'),
  isSortable: true,
  cell: scan => (
    <Cell>
      <span className={styles.wrapping}>{scan.gitRepo}</span>
    </Cell>
  ),
});

const policy = (t: Texts): DataColumn<ImageScan> => ({
  id: 'policy',
  label: t('table.policy'),
  grow: 1.2,
  cell: scan => (
    <Cell>
      <PolicyText scan={scan} />
    </Cell>
  ),
});

const current = (t: Texts): DataColumn<ImageScan> => ({
  id: 'current',
  label: t('table.current'),
  cell: scan => (
    <Cell>
      <TagText tag={scan.currentTag} />
    </Cell>
  ),
});

const latest = (t: Texts): DataColumn<ImageScan> => ({
  id: 'latestTag',
  label: t('table.latest'),
  isSortable: true,
  cell: scan => (
    <Cell>
      <LatestTag scan={scan} />
    </Cell>
  ),
});

const state = (t: Texts): DataColumn<ImageScan> => ({
  id: 'state',
  label: t('table.state'),
  grow: 1.3,
  isSortable: true,
  cell: scan => (
    <Cell>
      <div className={styles.state}>
        <StateBadge state={scan.state} staleSince={scan.staleSince} />
        <ScanReason scan={scan} />
      </div>
    </Cell>
  ),
});

const lastScan = (t: Texts): DataColumn<ImageScan> => ({
  id: 'lastScanTime',
  label: t('table.lastScan'),
  isSortable: true,
  cell: scan => (
    <Cell>
      <span className={styles.wrapping}>
        <LastAnswer scan={scan} />
      </span>
    </Cell>
  ),
});

const written = (t: Texts): DataColumn<ImageScan> => ({
  id: 'written',
  label: t('table.written'),
  grow: 1.5,
  cell: scan => (
    <Cell>
      <WrittenAt scan={scan} />
    </Cell>
  ),
});

/**
 * The columns that fit: a narrow window folds policy and tags into the image's
 * cell and leaves the rest to the details page.
 */
export function useColumns(options: {
  scanHref: (id: string) => string;
  showsGitRepo: boolean;
}): DataColumn<ImageScan>[] {
  const { scanHref, showsGitRepo } = options;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { up } = useBreakpoint();
  const isWide = up('lg');
  const showsPlace = up(showsGitRepo ? 'xl' : 'lg');
  const isMedium = up('sm');

  return useMemo(() => {
    if (!isMedium) {
      return [narrowImage(t, scanHref), state(t)];
    }
    return [
      image(t, scanHref),
      ...(showsGitRepo ? [gitRepo(t)] : []),
      policy(t),
      current(t),
      latest(t),
      state(t),
      ...(isWide ? [lastScan(t)] : []),
      ...(showsPlace ? [written(t)] : []),
    ];
  }, [t, scanHref, showsGitRepo, showsPlace, isWide, isMedium]);
}
