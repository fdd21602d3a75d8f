import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { ReleaseDialog } from './ReleaseDialog';

/** Opens the dialog that ends a decision, or says why the user cannot. */
export function ReleaseButton(props: {
  decision: Decision;
  onReleased: () => void;
}) {
  const { decision, onReleased } = props;
  const { gitRepo, image } = decision;
  const { t } = useTranslationRef(imageScanTranslationRef);
  // Who may release what is about everything is found out in the dialog.
  const { allowed, reason } = useMayUpdate(gitRepo);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <ActionButton
        label={t('decision.list.releaseLabel', {
          what: image ?? gitRepo ?? t('decision.list.everything'),
        })}
        isDisabled={gitRepo !== undefined && !allowed}
        reason={reason}
        onPress={() => setOpen(true)}
      >
        {t('decision.list.release')}
      </ActionButton>
      {isOpen && (
        <ReleaseDialog
          decision={decision}
          onClose={() => setOpen(false)}
          onReleased={onReleased}
        />
      )}
    </>
  );
}
