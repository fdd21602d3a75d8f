import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  type Decision,
  tagOfMarkerValue,
} from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from '../../api';
import { errorText, useAction, useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import type { Update } from '../UpdateDialog';

/** The ways to end a decision without writing at once. */
export function ReleaseActions(props: {
  decision: Decision;
  gitRepo: string;
  update: Update;
  onReleased: () => void;
}) {
  const { decision, gitRepo, update, onReleased } = props;
  const { id, imageScanId } = decision;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { allowed } = useMayUpdate(gitRepo);
  const tag = tagToSkip(decision, update);
  const release = useAction(async () => {
    await api.releaseDecision(id, {});
    onReleased();
  });
  const skip = useAction(async () => {
    if (tag !== undefined) {
      await api.decide({ kind: 'skip', imageScanId, tag, release: [id] });
      onReleased();
    }
  });
  const error = release.error ?? skip.error;
  const isDisabled = !allowed || update.isPushing;

  return (
    <>
      {error && <span role="alert">{errorText(error)}</span>}
      {tag !== undefined && (
        <ActionButton
          isDisabled={isDisabled}
          isPending={skip.isRunning}
          onPress={skip.run}
        >
          {t('decision.release.skip', { tag })}
        </ActionButton>
      )}
      <ActionButton
        isDisabled={isDisabled}
        isPending={release.isRunning}
        onPress={release.run}
      >
        {t('decision.release.confirm')}
      </ActionButton>
    </>
  );
}

/** The tag that somebody does not want: what git went back from, or what would come now. */
function tagToSkip(
  { imageScanId, kind, rollback }: Decision,
  { view }: Update,
): string | undefined {
  if (imageScanId === undefined || kind === 'skip' || kind === 'declined') {
    return undefined;
  }
  for (const { form, before } of rollback?.places ?? []) {
    const tag = tagOfMarkerValue(form, before);
    if (tag !== undefined) {
      return tag;
    }
  }
  return view?.rows.find(row => row.scan.imageScanId === imageScanId)?.scan.to;
}
