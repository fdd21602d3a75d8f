import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { DecisionNote } from '../DecisionNote';
import { ReleaseButton } from '../ReleaseDialog';

/** Says that much is held, and by whom, with the way to release it. */
export function HoldAlert(props: {
  decision: Decision;
  onReleased: () => void;
}) {
  const { decision, onReleased } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <Alert
      role="status"
      status="warning"
      icon
      title={t('state.held')}
      description={<DecisionNote decision={decision} />}
      customActions={
        <ReleaseButton decision={decision} onReleased={onReleased} />
      }
    />
  );
}
