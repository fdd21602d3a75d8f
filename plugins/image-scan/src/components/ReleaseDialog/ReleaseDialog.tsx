import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from '../../api';
import { useMayUpdateAll } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { DecisionNote } from '../DecisionNote';
import { FormDialog } from '../FormDialog';
import { HelpText } from '../HelpText';
import { UpdateDialog } from '../UpdateDialog';
import { ReleaseActions } from './ReleaseActions';
import { useGitRepoNames } from './useGitRepoNames';

interface ReleaseDialogProps {
  decision: Decision;
  onClose: () => void;
  onReleased: () => void;
}

/** Shows what would be written without a decision, and ends it in one of several ways. */
export function ReleaseDialog(props: ReleaseDialogProps) {
  const { decision, onClose, onReleased } = props;
  const { id, gitRepo, imageScanId } = decision;
  const { t } = useTranslationRef(imageScanTranslationRef);
  if (gitRepo === undefined || decision.isGone) {
    return <ReleaseUnseen {...props} />;
  }
  return (
    <UpdateDialog
      scope={{ gitRepo, imageScanId, release: [id] }}
      title={t('decision.release.title')}
      intro={
        <>
          <HelpText>
            <DecisionNote decision={decision} />
          </HelpText>
          <HelpText>{t('decision.release.text')}</HelpText>
        </>
      }
      actions={update => (
        <ReleaseActions
          decision={decision}
          gitRepo={gitRepo}
          update={update}
          onReleased={() => {
            onReleased();
            onClose();
          }}
        />
      )}
      onClose={onClose}
      onWritten={onReleased}
    />
  );
}

/** What all git repos would write is too much to look at, and what is gone is nothing. */
function ReleaseUnseen(props: ReleaseDialogProps) {
  const { decision, onClose, onReleased } = props;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const allowance = useMayUpdateAll(useGitRepoNames(decision.gitRepo));
  return (
    <FormDialog
      title={t('decision.release.title')}
      confirm={t('decision.release.confirm')}
      allowance={allowance}
      onConfirm={async () => {
        await api.releaseDecision(decision.id, {});
        onReleased();
        return true;
      }}
      onClose={onClose}
    >
      <HelpText>
        <DecisionNote decision={decision} />
      </HelpText>
      <HelpText>
        {t(decision.isGone ? 'decision.release.gone' : 'decision.release.wide')}
      </HelpText>
    </FormDialog>
  );
}
