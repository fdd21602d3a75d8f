import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiShieldLine } from '@remixicon/react';
import { useState } from 'react';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { HoldDialog } from './HoldDialog';
import type { HoldTarget } from './holdTarget';

/**
 * Opens the dialog that holds several images, or everything.
 *
 * @remarks
 * Whether the user may is said there: it depends on where all of them are.
 */
export function HoldButton(props: { target: HoldTarget; onHeld: () => void }) {
  const { target, onHeld } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <ActionButton
        icon={<RiShieldLine aria-hidden="true" />}
        onPress={() => setOpen(true)}
      >
        {t(
          target.kind === 'everything'
            ? 'decision.hold.allButton'
            : 'decision.hold.these',
        )}
      </ActionButton>
      {isOpen && (
        <HoldDialog
          target={target}
          onClose={() => setOpen(false)}
          onHeld={onHeld}
        />
      )}
    </>
  );
}
