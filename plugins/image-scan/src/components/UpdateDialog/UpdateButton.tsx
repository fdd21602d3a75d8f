import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiUploadCloud2Line } from '@remixicon/react';
import { useState } from 'react';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { UpdateDialog } from './UpdateDialog';
import type { UpdateScope } from './updateScope';

/** Opens the update dialog, or says why it cannot. */
export function UpdateButton(props: {
  scope: UpdateScope;
  variant?: 'primary' | 'secondary';
  /** Name for screen readers where the text alone says too little. */
  label?: string;
  /** Why there is nothing to update. */
  reason?: string;
  /** Default true. Without need there is no button, but an open dialog stays. */
  isNeeded?: boolean;
  onWritten: () => void;
}) {
  const { scope, variant, label, isNeeded = true, onWritten } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { allowed, reason } = useMayUpdate(scope.gitRepo);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {isNeeded && (
        <ActionButton
          variant={variant}
          icon={<RiUploadCloud2Line aria-hidden="true" />}
          label={label}
          isDisabled={!allowed}
          reason={reason ?? props.reason}
          onPress={() => setOpen(true)}
        >
          {t('tab.update')}
        </ActionButton>
      )}
      {isOpen && (
        <UpdateDialog
          scope={scope}
          onClose={() => setOpen(false)}
          onWritten={onWritten}
        />
      )}
    </>
  );
}
