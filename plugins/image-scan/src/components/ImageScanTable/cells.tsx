import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  type ImageScan,
  describePolicy,
} from 'backstage-plugin-image-scan-common';
import { useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { BreakablePath } from '../BreakablePath';
import { ChangeBadge } from '../ChangeBadge';
import { RelativeTime } from '../Time';
import styles from './ImageScanTable.module.css';

/** The image, linked to its details, and where its scan is defined. */
export function ImageName(props: { scan: ImageScan; href: string }) {
  const { image, tagName, path } = props.scan;
  return (
    <div className={styles.stack}>
      <Link href={props.href} className={styles.image} title={image}>
        <BreakablePath path={image} />
      </Link>
      <span className={styles.secondary} title={`${path}: ${tagName}`}>
        {tagName}
        {path !== '.' && (
          <>
            {' · '}
            <BreakablePath path={path} />
          </>
        )}
      </span>
    </div>
  );
}

/** A policy in a few words. */
export function PolicyText(props: { scan: ImageScan }) {
  return (
    <span className={styles.wrapping}>{describePolicy(props.scan.policy)}</span>
  );
}

/** A tag, or a dash that a screen reader reads as words. */
export function TagText(props: { tag: string | undefined }) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  return props.tag === undefined ? (
    <span aria-label={t('details.notKnown')} role="img">
      {t('table.none')}
    </span>
  ) : (
    <span className={styles.tag} title={props.tag}>
      {props.tag}
    </span>
  );
}

/** The latest tag and how big the step to it is. */
export function LatestTag(props: { scan: ImageScan }) {
  return (
    <span className={styles.latest}>
      <TagText tag={props.scan.latestTag} />
      <ChangeBadge scan={props.scan} />
    </span>
  );
}

/** When the registry last answered; where it never has, when it is asked again. */
export function LastAnswer(props: { scan: ImageScan }) {
  const { lastScanTime, nextScanTime, error } = props.scan;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  if (lastScanTime) {
    return <RelativeTime time={lastScanTime} />;
  }
  if (!error) {
    return <>{t('table.notYet')}</>;
  }
  const next = error.retryTime ?? nextScanTime;
  return (
    <>
      {next
        ? t('table.noAnswerNext', { next: words.relative(next) })
        : t('table.noAnswer')}
    </>
  );
}

/** The first place where a marker writes the tag, and how many more there are. */
export function WrittenAt(props: { scan: ImageScan }) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [first, ...others] = props.scan.markers;
  if (!first) {
    return <span className={styles.secondary}>{t('table.notWritten')}</span>;
  }
  const places = props.scan.markers.map(({ file, line, form }) =>
    t('table.marker', { place: `${file}:${line}`, form }),
  );
  return (
    <div className={styles.stack} title={places.join('\n')}>
      <span className={styles.place}>
        <BreakablePath path={first.file} />
        <wbr />:{first.line}
      </span>
      <span className={styles.secondary}>
        {t(`form.${first.form}`)}
        {others.length > 0 &&
          ` · ${t('table.moreMarkers', { count: others.length })}`}
      </span>
    </div>
  );
}
