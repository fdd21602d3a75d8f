import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';

/**
 * Asks to end a decision, or says why the user cannot.
 *
 * @remarks
 * The dialog is opened by whoever shows the button: once released, the decision and
 * its button are gone, and the dialog still has something to say.
 */
export function ReleaseButton(props: {
  decision: Decision;
  onPress: () => void;
}) {
  const { decision, onPress } = props;
  const { gitRepo, image } = decision;
  const { t } = useTranslationRef(imageScanTranslationRef);
  // Who may release what is about everything is found out in the dialog.
  const { allowed, reason } = useMayUpdate(gitRepo);
  return (
    <ActionButton
      label={t('decision.list.releaseLabel', {
        what: image ?? gitRepo ?? t('decision.list.everything'),
      })}
      isDisabled={gitRepo !== undefined && !allowed}
      reason={reason}
      onPress={onPress}
    >
      {t('decision.list.release')}
    </ActionButton>
  );
}
