import { stringifyEntityRef } from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import {
  type ImageScan,
  type ImageScanList,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';
import { useImageScans, useTimeWords } from '../../hooks';
import { entityTabRouteRef, pageRouteRef, scanHref } from '../../routes';
import { imageScanTranslationRef } from '../../translation';
import { LoadError } from '../ErrorAlert';
import { LoadingBlocks } from '../LoadingBlocks';
import { NoScans } from '../NoScans';
import { StateBadge } from '../StateBadge';
import { UpdateButton } from '../UpdateDialog';
import { ImageRow } from './ImageRow';
import styles from './ImageStatusCard.module.css';
import { RefreshButton } from './RefreshButton';

const MAX_ROWS = 5;

/**
 * The images of an entity at a glance.
 *
 * @public
 */
export function ImageStatusCard() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  // Another entity starts anew instead of showing this one's images.
  return <EntityCard key={entityRef} entityRef={entityRef} />;
}

function EntityCard(props: { entityRef: string }) {
  const { entityRef } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const tabHref = useRouteRef(entityTabRouteRef)?.();
  const pageHref = useRouteRef(pageRouteRef)?.();
  const base = tabHref ?? pageHref;
  // The state of a whole list is ordered worst first.
  const live = useImageScans({
    entityRef,
    orderBy: { field: 'state', order: 'asc' },
    limit: MAX_ROWS,
  });
  const list = live.value;
  const scans = list?.items ?? [];
  const gitRepo = scans[0]?.gitRepo;
  const more = (list?.totalItems ?? 0) - scans.length;

  return (
    <EntityInfoCard
      title={t('card.title')}
      headerActions={
        scans.length > 0 && (
          <>
            <WorstState scans={scans} list={list} />
            <RefreshButton scans={scans} onChecked={live.refresh} />
          </>
        )
      }
      footerActions={
        gitRepo && (
          <div className={styles.footer}>
            <span className={styles.footerText}>
              <CheckTimes scans={scans} />
            </span>
            {tabHref && (
              <Link href={tabHref}>
                {more > 0 ? t('card.more', { count: more }) : t('card.all')}
              </Link>
            )}
            <UpdateButton
              scope={{ gitRepo, entityRef }}
              isNeeded={canUpdate(list)}
              onWritten={live.refresh}
            />
          </div>
        )
      }
    >
      <div className={styles.body}>
        <LoadError live={live} />
        {!list && !live.error && <LoadingBlocks heights={[40, 40, 40]} />}
        {list && scans.length === 0 && <NoScans link={list.entity} />}
        {scans.length > 0 && (
          <ul className={styles.rows} aria-label={t('card.list')}>
            {scans.map(scan => (
              <ImageRow
                key={scan.id}
                scan={scan}
                href={base && scanHref(base, scan.id)}
              />
            ))}
          </ul>
        )}
      </div>
    </EntityInfoCard>
  );
}

/** The state that needs a person most, of all the entity's scans. */
function WorstState(props: {
  scans: ImageScan[];
  list: ImageScanList | undefined;
}) {
  const { scans, list } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  // The rows may have aged since the backend counted.
  const worst = imageScanStates.find(
    state =>
      scans.some(scan => scan.state === state) ||
      (state !== 'up-to-date' && (list?.counts[state] ?? 0) > 0),
  );
  return worst ? (
    <span
      role="img"
      aria-label={t('card.worst', { state: t(`state.${worst}`) })}
    >
      <StateBadge state={worst} />
    </span>
  ) : null;
}

function canUpdate(list: ImageScanList | undefined): boolean {
  return Boolean(
    list && (list.counts['update-available'] > 0 || list.counts.held > 0),
  );
}

/**
 * `Checked 3 minutes ago, next in 2 minutes`: the oldest answer and the next
 * question. An image that has never been answered for has its error in its row.
 */
function CheckTimes(props: { scans: ImageScan[] }) {
  const { scans } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  const active = scans.filter(({ suspend }) => !suspend);
  const times = (field: 'lastScanTime' | 'nextScanTime') =>
    (active.length > 0 ? active : scans)
      .flatMap(scan => scan[field] ?? [])
      .sort();
  const [last] = times('lastScanTime');
  const [next] = times('nextScanTime');
  if (!last) {
    const when = next && words.relative(next);
    if (!active.some(({ error }) => error)) {
      return <>{t('card.neverChecked')}</>;
    }
    return (
      <>{when ? t('card.noAnswerNext', { next: when }) : t('card.noAnswer')}</>
    );
  }
  return (
    <>
      {next
        ? t('card.checked', {
            last: words.relative(last),
            next: words.relative(next),
          })
        : t('card.checkedOnce', { last: words.relative(last) })}
    </>
  );
}
