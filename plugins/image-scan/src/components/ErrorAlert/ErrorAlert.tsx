import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button } from '@backstage/ui';
import { errorText } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import styles from './ErrorAlert.module.css';

/** Something failed: what, in whose words, and one way on. */
export function ErrorAlert(props: {
  title: string;
  error: Error;
  /** A button to try again. */
  onRetry?: () => void;
  /** A button to forget it. */
  onDismiss?: () => void;
}) {
  const { title, error, onRetry, onDismiss } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <Alert
      role="alert"
      status="danger"
      icon
      title={title}
      description={<span className={styles.words}>{errorText(error)}</span>}
      customActions={
        (onRetry || onDismiss) && (
          <>
            {onRetry && (
              <Button variant="secondary" size="small" onPress={onRetry}>
                {t('error.again')}
              </Button>
            )}
            {onDismiss && (
              <Button variant="tertiary" size="small" onPress={onDismiss}>
                {t('error.dismiss')}
              </Button>
            )}
          </>
        )
      }
    />
  );
}
