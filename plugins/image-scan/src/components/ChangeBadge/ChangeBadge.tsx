import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ChangeKind } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import styles from './ChangeBadge.module.css';

/** How big a step is, in a word. */
export function ChangeBadge(props: { change: ChangeKind }) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  const kind = t(`change.${props.change}`);
  return (
    <span
      className={styles.badge}
      data-change={props.change}
      title={t('change.label', { kind })}
    >
      {kind}
    </span>
  );
}
