import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';

/** What waits for the window of its git repo, and until when. */
export function WindowNote(props: { scan: ImageScan }) {
  const { latestTag: tag = '', window } = props.scan;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  return (
    <span>
      {window?.until
        ? t('state.windowUntil', { tag, time: words.moment(window.until) })
        : t('state.window', { tag })}
    </span>
  );
}
