import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  type ImageScan,
  describePolicy,
} from 'backstage-plugin-image-scan-common';
import type { ReactNode } from 'react';
import { useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { CommitLink } from '../CommitLink';
import { LastAnswer, LatestTag, TagText } from '../ImageScanTable';
import { RelativeTime } from '../Time';
import styles from './ImageScanDetails.module.css';
import { MarkerList } from './MarkerList';

/** What a scan is and what is known about it, as pairs of term and value. */
export function ScanSummary(props: { scan: ImageScan }) {
  const { scan } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  return (
    <dl className={styles.summary}>
      <Fact term={t('details.current')}>
        <TagText tag={scan.currentTag} />
      </Fact>
      <Fact term={t('details.latest')}>
        <LatestTag scan={scan} />
      </Fact>
      <Fact term={t('details.policy')}>{describePolicy(scan.policy)}</Fact>
      <Fact term={t('details.interval')}>
        {t('details.every', { interval: words.duration(scan.interval) })}
      </Fact>
      <Fact term={t('details.lastScan')}>
        <LastAnswer scan={scan} />
      </Fact>
      <Fact term={t('details.nextScan')}>
        {scan.nextScanTime ? (
          <RelativeTime time={scan.nextScanTime} />
        ) : (
          t(scan.suspend ? 'details.noNextScan' : 'details.notKnown')
        )}
      </Fact>
      <Fact term={t('details.gitRepo')}>{scan.gitRepo}</Fact>
      <Fact term={t('details.path')}>
        <code className={styles.code}>{scan.path}</code>
      </Fact>
      <Fact term={t('details.tagName')}>
        <code className={styles.code}>{scan.tagName}</code>
      </Fact>
      {scan.secretRef && (
        <Fact term={t('details.secret')}>{scan.secretRef.name}</Fact>
      )}
      {scan.lastUpdate && (
        <Fact term={t('details.lastUpdate')}>
          <span className={styles.inline}>
            <CommitLink
              commit={scan.lastUpdate.commit}
              url={scan.lastUpdate.url}
              label={t('update.commit', {
                commit: scan.lastUpdate.commit.slice(0, 8),
              })}
            />
            <RelativeTime time={scan.lastUpdate.time} />
          </span>
        </Fact>
      )}
      {scan.latestDigest && (
        <Fact term={t('details.digest')} isWide>
          <code className={styles.code}>{scan.latestDigest}</code>
        </Fact>
      )}
      <Fact term={t('details.markers')} isWide>
        <MarkerList markers={scan.markers} />
      </Fact>
    </dl>
  );
}

function Fact(props: { term: string; isWide?: boolean; children: ReactNode }) {
  return (
    <div className={props.isWide ? styles.wideFact : styles.fact}>
      <dt>{props.term}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
