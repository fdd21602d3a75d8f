import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import { type LiveData, errorText, useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ErrorAlert } from './ErrorAlert';

/**
 * Why there is nothing to show, or that what is shown is old; nothing while
 * all is well.
 */
export function LoadError(props: { live: LiveData<unknown> }) {
  const { live } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  if (!live.error) {
    return null;
  }
  if (live.loadedAt === undefined) {
    return (
      <ErrorAlert
        title={t('error.load')}
        error={live.error}
        onRetry={live.refresh}
      />
    );
  }
  return (
    <Alert
      role="status"
      status="warning"
      icon
      title={t('error.refresh', { time: words.relative(live.loadedAt) })}
      description={errorText(live.error)}
    />
  );
}
