import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { StatusErrorAlert } from '../ErrorAlert';
import { HelpText } from '../HelpText';
import styles from './ImageScanDetails.module.css';

/** What failed, in the words of the registry or the git host, and when it is tried again. */
export function ErrorTab(props: { scan: ImageScan }) {
  const { error, updateError } = props.scan;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <div className={styles.root}>
      {error && <StatusErrorAlert title={t('error.registry')} error={error} />}
      {updateError && (
        <StatusErrorAlert title={t('error.update')} error={updateError} />
      )}
      {!error && !updateError && <HelpText>{t('error.none')}</HelpText>}
    </div>
  );
}
