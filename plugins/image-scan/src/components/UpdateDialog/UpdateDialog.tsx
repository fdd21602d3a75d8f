import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { CommitLink } from '../CommitLink';
import { ErrorAlert } from '../ErrorAlert';
import { LoadingBlocks } from '../LoadingBlocks';
import { ChangesDeltaAlert } from './ChangesDeltaAlert';
import { HeldScans } from './HeldScans';
import styles from './UpdateDialog.module.css';
import { UpdatePreview } from './UpdatePreview';
import { type Update, useUpdate } from './useUpdate';
import type { UpdateScope } from './updateScope';

/** Shows what an update would write, and writes it when the user confirms. */
export function UpdateDialog(props: {
  scope: UpdateScope;
  isOpen: boolean;
  onClose: () => void;
  /** Called after a push. */
  onWritten: () => void;
}) {
  const { scope, isOpen, onClose, onWritten } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={open => !open && onClose()}
      width="min(52rem, calc(100vw - 2rem))"
    >
      <DialogHeader>
        {t('update.title', { gitRepo: scope.gitRepo })}
      </DialogHeader>
      {isOpen && (
        <Content scope={scope} onClose={onClose} onWritten={onWritten} />
      )}
    </Dialog>
  );
}

function Content(props: {
  scope: UpdateScope;
  onClose: () => void;
  onWritten: () => void;
}) {
  const { scope, onClose, onWritten } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { reason, allowed } = useMayUpdate(scope.gitRepo);
  const update = useUpdate(scope, onWritten);
  const { phase } = update;
  const isDone = phase.name === 'done';
  const changes =
    phase.name === 'ready' || phase.name === 'pushing'
      ? phase.preview.changes.length
      : 0;

  return (
    <>
      <DialogBody className={styles.body}>
        <Phase update={update} />
      </DialogBody>
      <DialogFooter>
        <Button variant="secondary" size="small" onPress={onClose}>
          {isDone ? t('update.close') : t('update.cancel')}
        </Button>
        {!isDone && (
          <ActionButton
            variant="primary"
            isPending={phase.name === 'pushing'}
            isDisabled={!allowed || changes === 0}
            reason={reason}
            onPress={update.push}
          >
            {t('update.confirm')}
          </ActionButton>
        )}
      </DialogFooter>
    </>
  );
}

function Phase(props: { update: Update }) {
  const { phase, held, released, setReleased, preview } = props.update;
  const { t } = useTranslationRef(imageScanTranslationRef);

  if (phase.name === 'done') {
    return <Done result={phase.result} />;
  }
  if (phase.name === 'previewFailed') {
    return (
      <ErrorAlert
        title={t('update.previewFailed')}
        error={phase.error}
        onRetry={preview}
      />
    );
  }
  const isShown = phase.name !== 'previewing';
  return (
    <>
      {isShown && phase.delta && <ChangesDeltaAlert delta={phase.delta} />}
      {isShown && phase.error && (
        <ErrorAlert title={t('update.pushFailed')} error={phase.error} />
      )}
      <HeldScans
        scans={held}
        released={released}
        isDisabled={phase.name === 'pushing'}
        onChange={setReleased}
      />
      {isShown ? (
        <UpdatePreview
          preview={phase.preview}
          hasHeld={held.length > released.size}
        />
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
