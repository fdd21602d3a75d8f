import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import type { ReactNode } from 'react';
import { type Allowance, useAction } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { ErrorAlert } from '../ErrorAlert';
import styles from './FormDialog.module.css';

/** A question with fields: it closes once what was confirmed has worked. */
export function FormDialog(props: {
  title: string;
  /** What the button that confirms says. */
  confirm: string;
  /** Whether the user may confirm. */
  allowance: Allowance;
  isIncomplete?: boolean;
  /** What there is to say once it has worked; there is nothing to confirm then. */
  outcome?: ReactNode;
  /** Answers whether it may close: there is nothing more to say or to ask. */
  onConfirm: () => Promise<boolean>;
  onClose: () => void;
  children: ReactNode;
}) {
  const { title, confirm, allowance, isIncomplete, outcome, onClose } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const action = useAction(async () => {
    if (await props.onConfirm()) {
      onClose();
    }
  });
  return (
    <Dialog
      isOpen
      onOpenChange={open => !open && onClose()}
      width="min(36rem, calc(100vw - 2rem))"
    >
      <DialogHeader>{title}</DialogHeader>
      <DialogBody className={styles.body}>
        {outcome ?? props.children}
        {action.error && (
          <ErrorAlert title={t('error.action')} error={action.error} />
        )}
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" size="small" onPress={onClose}>
          {outcome ? t('update.close') : t('update.cancel')}
        </Button>
        {!outcome && (
          <ActionButton
            variant="primary"
            isPending={action.isRunning}
            isDisabled={!allowance.allowed || isIncomplete}
            reason={allowance.reason}
            onPress={action.run}
          >
            {confirm}
          </ActionButton>
        )}
      </DialogFooter>
    </Dialog>
  );
}
