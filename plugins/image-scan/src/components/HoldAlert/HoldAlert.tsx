import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { imageScanTranslationRef } from '../../translation';
import { DecisionNote } from '../DecisionNote';
import { ReleaseButton, ReleaseDialog } from '../ReleaseDialog';

/** Says that much is held, and by whom, with the way to release it. */
export function HoldAlert(props: {
  /** Absent where nothing is held; a dialog that is open stays. */
  decision: Decision | undefined;
  onReleased: () => void;
}) {
  const { decision, onReleased } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [releasing, setReleasing] = useState<Decision>();
  return (
    <>
      {decision && (
        <Alert
          role="status"
          status="warning"
          icon
          title={t('state.held')}
          description={<DecisionNote decision={decision} />}
          customActions={
            <ReleaseButton
              decision={decision}
              onPress={() => setReleasing(decision)}
            />
          }
        />
      )}
      {releasing && (
        <ReleaseDialog
          decision={releasing}
          onClose={() => setReleasing(undefined)}
          onReleased={onReleased}
        />
      )}
    </>
  );
}
