import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  type ImageScan,
  compareTags,
} from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import styles from './ChangeBadge.module.css';

/** How big the step to the latest tag is, or that it goes back, in a word. */
export function ChangeBadge(props: { scan: ImageScan }) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { change } = props.scan;
  if (!change) {
    return null;
  }
  const step = goesBack(props.scan) ? 'downgrade' : change;
  const kind = t(`change.${step}`);
  return (
    <span
      className={styles.badge}
      data-change={step}
      title={t('change.label', { kind })}
    >
      {kind}
    </span>
  );
}

/**
 * A step back is held without anybody's decision, or meant: then the policy has changed.
 * Behind a filter only the backend can tell.
 */
function goesBack(scan: ImageScan): boolean {
  const { held, policy, filterTags, currentTag, latestTag } = scan;
  return (
    (held !== undefined && !held.decision) ||
    (!filterTags &&
      currentTag !== undefined &&
      latestTag !== undefined &&
      (compareTags(policy, currentTag, latestTag) ?? 0) > 0)
  );
}
