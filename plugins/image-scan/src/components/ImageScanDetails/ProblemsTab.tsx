import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { ProblemList } from '../ProblemList';
import { HelpText } from '../HelpText';
import styles from './ImageScanDetails.module.css';

/** What does nothing, and what may be meant otherwise. */
export function ProblemsTab(props: { scan: ImageScan }) {
  const { problems, warnings } = props.scan;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <div className={styles.root}>
      {warnings.map(warning => (
        <Alert
          key={warning}
          status="warning"
          icon
          title={t('details.warning')}
          description={warning}
        />
      ))}
      {problems.length > 0 && <ProblemList problems={problems} />}
      {problems.length + warnings.length === 0 && (
        <HelpText>{t('problems.none')}</HelpText>
      )}
    </div>
  );
}
