import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiArrowGoBackLine } from '@remixicon/react';
import type { UpdateRecord } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { HelpText } from '../HelpText';
import { UpdateDialog } from '../UpdateDialog';

/** Takes an update back, or says why the user cannot. */
export function RevertButton(props: {
  update: UpdateRecord;
  /** Only what it wrote for this scan. */
  imageScanId?: string;
  onReverted: () => void;
}) {
  const { update, imageScanId, onReverted } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { allowed, reason } = useMayUpdate(update.gitRepo);
  const [isOpen, setOpen] = useState(false);
  const commit = update.commit.slice(0, 8);
  return (
    <>
      <ActionButton
        variant="tertiary"
        icon={<RiArrowGoBackLine aria-hidden="true" />}
        label={t('decision.revert.label', { commit })}
        isDisabled={!allowed}
        reason={reason}
        onPress={() => setOpen(true)}
      >
        {t('decision.revert.button')}
      </ActionButton>
      {isOpen && (
        <UpdateDialog
          scope={{ gitRepo: update.gitRepo, imageScanId, revert: update.id }}
          title={t('decision.revert.title', { commit })}
          intro={<HelpText>{t('decision.revert.text')}</HelpText>}
          onClose={() => setOpen(false)}
          onWritten={onReverted}
        />
      )}
    </>
  );
}
