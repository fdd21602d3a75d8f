import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  type ImageScan,
  describePolicy,
} from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { BreakablePath } from '../BreakablePath';
import { ChangeBadge } from '../ChangeBadge';
import { CommitLink } from '../CommitLink';
import { ScanReason } from '../ScanReason';
import { StateBadge } from '../StateBadge';
import styles from './ImageStatusCard.module.css';

/** One image on the card. */
export function ImageRow(props: { scan: ImageScan; href?: string }) {
  const { scan, href } = props;
  const { image, currentTag, latestTag, lastUpdate } = scan;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const name = shortName(image);
  const isStep = latestTag !== undefined && latestTag !== currentTag;

  return (
    <li className={styles.row}>
      <div className={styles.names}>
        {href ? (
          <Link href={href} weight="bold" title={image} className={styles.name}>
            <BreakablePath path={name} />
          </Link>
        ) : (
          <span title={image} className={styles.name}>
            {name}
          </span>
        )}
        <span className={styles.secondary}>{describePolicy(scan.policy)}</span>
      </div>
      <div className={styles.tags}>
        <span className={styles.tag} title={t('table.current')}>
          {currentTag ?? t('table.none')}
        </span>
        {isStep && (
          <>
            <span aria-hidden="true">→</span>
            <span className={styles.tag} title={t('table.latest')}>
              {latestTag}
            </span>
          </>
        )}
        <ChangeBadge scan={scan} />
      </div>
      <div className={styles.status}>
        <StateBadge state={scan.state} staleSince={scan.staleSince} />
        {lastUpdate && (
          <CommitLink
            commit={lastUpdate.commit}
            url={lastUpdate.url}
            label={t('update.commit', {
              commit: lastUpdate.commit.slice(0, 8),
            })}
          />
        )}
      </div>
      <div className={styles.reason}>
        <ScanReason scan={scan} />
      </div>
      {!scan.error && scan.warnings.length > 0 && (
        <span className={styles.warning} title={scan.warnings.join('\n')}>
          {scan.warnings[0]}
        </span>
      )}
      {scan.error && (
        <span className={styles.error} title={scan.error.message}>
          {scan.error.message}
        </span>
      )}
    </li>
  );
}

/** The last two parts of an image name; the host and the rest are on the hover. */
function shortName(image: string): string {
  return image.split('/').slice(-2).join('/');
}
