import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import type { StatusError } from 'backstage-plugin-image-scan-common';
import { useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import styles from './ErrorAlert.module.css';

/** An error that the backend ran into, in the words of whoever raised it. */
export function StatusErrorAlert(props: { title: string; error: StatusError }) {
  const { title, error } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  return (
    <Alert
      status="danger"
      icon
      title={title}
      description={
        <>
          <span className={styles.words}>{error.message}</span>
          <span className={styles.times}>
            {t('error.seen', { time: words.relative(error.time) })}
            {error.retryTime &&
              ` ${t('error.retry', { time: words.relative(error.retryTime) })}`}
          </span>
        </>
      }
    />
  );
}
