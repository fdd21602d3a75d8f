import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import type { UpdateChange } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import type { ChangesDelta } from './compareChanges';
import styles from './UpdateDialog.module.css';

/** Nothing was pushed, because what was confirmed does not hold any more: what is different. */
export function ChangesDeltaAlert(props: { delta: ChangesDelta }) {
  const { added, removed, altered } = props.delta;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const isSame = !added.length && !removed.length && !altered.length;
  const words = (change: UpdateChange) => ({
    place: `${change.file}:${change.line}`,
    from: change.from,
    to: change.to,
  });

  return (
    <Alert
      role="alert"
      status="warning"
      icon
      title={t('update.changed')}
      description={
        isSame ? (
          t('update.changedHead')
        ) : (
          <>
            {t('update.changedDetail')}
            <ul className={styles.delta}>
              {altered.map(({ before, after }) => (
                <li key={`altered ${after.file}:${after.line}`}>
                  {t('update.changeAltered', {
                    ...words(after),
                    before: `${before.from} → ${before.to}`,
                  })}
                </li>
              ))}
              {added.map(change => (
                <li key={`added ${change.file}:${change.line}`}>
                  {t('update.changeAdded', words(change))}
                </li>
              ))}
              {removed.map(change => (
                <li key={`removed ${change.file}:${change.line}`}>
                  {t('update.changeRemoved', words(change))}
                </li>
              ))}
            </ul>
          </>
        )
      }
    />
  );
}
