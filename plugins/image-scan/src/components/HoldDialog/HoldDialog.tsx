import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { imageScanApiRef } from '../../api';
import { useMayUpdateAll } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { CommitLink } from '../CommitLink';
import { DecisionFields, useDecisionFields } from '../DecisionFields';
import { DecisionNote } from '../DecisionNote';
import { ErrorAlert } from '../ErrorAlert';
import { FormDialog } from '../FormDialog';
import { HelpText } from '../HelpText';
import { LoadingBlocks } from '../LoadingBlocks';
import { type FoundTarget, type HoldTarget, hold } from './holdTarget';
import { useFoundTarget } from './useFoundTarget';

/** Asks why and until when something is held, and holds it. */
export function HoldDialog(props: {
  target: HoldTarget;
  /** The hold that this one takes the place of. */
  current?: Decision;
  onClose: () => void;
  onHeld: () => void;
}) {
  const { target, current, onClose, onHeld } = props;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const fields = useDecisionFields();
  const { found, error } = useFoundTarget(target);
  const allowance = useMayUpdateAll(found?.gitRepos);
  const [commits, setCommits] = useState<string[]>([]);
  const isEmpty = target.kind === 'filtered' && !found?.imageScanIds.length;

  return (
    <FormDialog
      title={t('decision.hold.title', { what: useTargetName(target, found) })}
      confirm={t('decision.hold.confirm')}
      allowance={allowance}
      isIncomplete={fields.isPast || isEmpty}
      onConfirm={async () => {
        if (!found) {
          return false;
        }
        const underway = await hold(api, target, found, fields.request);
        onHeld();
        setCommits(underway);
        return underway.length === 0;
      }}
      outcome={commits.length > 0 ? <Underway commits={commits} /> : undefined}
      onClose={onClose}
    >
      <HelpText>{useConsequence(target)}</HelpText>
      {current && (
        <HelpText>
          {t('decision.hold.replaces', {
            note: <DecisionNote decision={current} />,
          })}
        </HelpText>
      )}
      {error && <ErrorAlert title={t('error.load')} error={error} />}
      {!found && !error && (
        <LoadingBlocks label={t('decision.hold.finding')} heights={[24]} />
      )}
      <DecisionFields fields={fields} />
    </FormDialog>
  );
}

/** What may arrive although it is held: a push that was announced before. */
function Underway(props: { commits: string[] }) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <Alert
      role="status"
      status="warning"
      icon
      title={t('decision.hold.done')}
      description={props.commits.map(commit => (
        <CommitLink key={commit} commit={commit} />
      ))}
    />
  );
}

function useTargetName(
  target: HoldTarget,
  found: FoundTarget | undefined,
): string {
  const { t } = useTranslationRef(imageScanTranslationRef);
  switch (target.kind) {
    case 'scan':
      return target.image;
    case 'gitRepo':
      return target.gitRepo;
    case 'filtered':
      return found
        ? t('decision.hold.several', { count: found.imageScanIds.length })
        : '…';
    default:
      return t('decision.hold.everything');
  }
}

function useConsequence(target: HoldTarget): string {
  const { t } = useTranslationRef(imageScanTranslationRef);
  switch (target.kind) {
    case 'scan':
      return t('decision.hold.scan', { image: target.image });
    case 'gitRepo':
      return t('decision.hold.gitRepo', { gitRepo: target.gitRepo });
    case 'filtered':
      return t('decision.hold.filtered');
    default:
      return t('decision.hold.all');
  }
}
