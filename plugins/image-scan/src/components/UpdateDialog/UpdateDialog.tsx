import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import { type ReactNode, useMemo } from 'react';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { CommitLink } from '../CommitLink';
import { DecisionFields, useDecisionFields } from '../DecisionFields';
import { ErrorAlert } from '../ErrorAlert';
import { LoadingBlocks } from '../LoadingBlocks';
import { ChangesDeltaAlert } from './ChangesDeltaAlert';
import styles from './UpdateDialog.module.css';
import { UpdatePreview } from './UpdatePreview';
import type { UpdateScope } from './updateScope';
import { type Update, useUpdate } from './useUpdate';

interface UpdateDialogProps {
  scope: UpdateScope;
  /** Default: what is updated. */
  title?: string;
  /** What this is about, above what would be written. */
  intro?: ReactNode;
  /** Other ways out, before the one that writes. */
  actions?: (update: Update) => ReactNode;
  onClose: () => void;
  /** Called after a push. */
  onWritten: () => void;
}

/** Shows what an update would write, and writes it when the user confirms. */
export function UpdateDialog(props: UpdateDialogProps) {
  const { scope, title, onClose } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <Dialog
      isOpen
      onOpenChange={open => !open && onClose()}
      width="min(52rem, calc(100vw - 2rem))"
    >
      <DialogHeader>
        {title ?? t('update.title', { gitRepo: scope.gitRepo })}
      </DialogHeader>
      <Content {...props} />
    </Dialog>
  );
}

function Content(props: UpdateDialogProps) {
  const { intro, actions, onClose, onWritten } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { reason, allowed } = useMayUpdate(props.scope.gitRepo);
  // By what it says: whoever opens the dialog may say it anew at each render.
  const key = JSON.stringify(props.scope);
  const scope = useMemo<UpdateScope>(() => JSON.parse(key), [key]);
  const update = useUpdate(scope, onWritten);
  const { view, result } = update;
  const fields = useDecisionFields();
  const holds = view?.preview.scans.some(scan => scan.holdsAfterwards) ?? false;
  const changes = view?.preview.changes.length ?? 0;

  return (
    <>
      <DialogBody className={styles.body}>
        {!result && intro}
        <Progress update={update} />
        {!result && holds && <DecisionFields fields={fields} />}
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" size="small" onPress={onClose}>
          {result ? t('update.close') : t('update.cancel')}
        </Button>
        {!result && actions?.(update)}
        {!result && (
          <ActionButton
            variant="primary"
            isPending={update.isPushing}
            isDisabled={
              !allowed ||
              changes === 0 ||
              update.isPreviewing ||
              (holds && fields.isPast)
            }
            reason={reason}
            onPress={() => update.push(holds ? fields.request : {})}
          >
            {t('update.confirm')}
          </ActionButton>
        )}
      </DialogFooter>
    </>
  );
}

function Progress(props: { update: Update }) {
  const { update } = props;
  const { view, delta, previewError, pushError, result } = update;
  const { t } = useTranslationRef(imageScanTranslationRef);

  if (result) {
    return <Done result={result} />;
  }
  if (previewError) {
    return (
      <ErrorAlert
        title={t('update.previewFailed')}
        error={previewError}
        onRetry={update.preview}
      />
    );
  }
  return (
    <>
      {delta && <ChangesDeltaAlert delta={delta} />}
      {pushError && (
        <ErrorAlert title={t('update.pushFailed')} error={pushError} />
      )}
      {view ? (
        <UpdatePreview update={update} view={view} />
      ) : (
        <LoadingBlocks label={t('update.preview')} heights={[24, 24, 120]} />
      )}
    </>
  );
}

function Done(props: {
  result: { branch: string; commit?: string; commitUrl?: string };
}) {
  const { branch, commit, commitUrl } = props.result;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <Alert
      role="status"
      status="success"
      icon
      title={commit ? t('update.done', { branch }) : t('update.doneNothing')}
      description={
        commit && (
          <CommitLink
            commit={commit}
            url={commitUrl}
            label={t('update.commit', { commit: commit.slice(0, 8) })}
          />
        )
      }
    />
  );
}
