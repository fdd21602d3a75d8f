import { toError } from '@backstage/errors';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonIcon, VisuallyHidden } from '@backstage/ui';
import { RiRefreshLine } from '@remixicon/react';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { useId } from 'react';
import { imageScanApiRef } from '../../api';
import { errorText, useAction, useMayScan } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import styles from './ImageStatusCard.module.css';

/** Asks the registries about the images on the card, and git for their markers, now. */
export function RefreshButton(props: {
  scans: ImageScan[];
  onChecked: () => void;
}) {
  const { scans, onChecked } = props;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { allowed, reason } = useMayScan(scans[0]?.gitRepo);
  const id = useId();

  const action = useAction(async () => {
    const gitRepos = [...new Set(scans.map(({ gitRepo }) => gitRepo))];
    const outcomes = await Promise.allSettled([
      ...gitRepos.map(gitRepo => api.syncGitRepo(gitRepo)),
      ...scans
        .filter(({ suspend }) => !suspend)
        .map(scan => api.scanImage(scan.id)),
    ]);
    onChecked();
    const failures = outcomes.flatMap(outcome =>
      outcome.status === 'rejected' ? [toError(outcome.reason)] : [],
    );
    if (failures.length > 0) {
      throw failures[0];
    }
  });

  const hint =
    reason ??
    (action.error && `${t('error.action')}: ${errorText(action.error)}`);
  return (
    // The title is on what surrounds the button: a disabled one gets no hover.
    <span className={styles.refresh} title={hint}>
      <ButtonIcon
        size="small"
        variant="tertiary"
        icon={<RiRefreshLine aria-hidden="true" />}
        aria-label={action.isRunning ? t('card.refreshing') : t('card.refresh')}
        aria-describedby={hint ? id : undefined}
        isPending={action.isRunning}
        isDisabled={!allowed}
        onPress={action.run}
      />
      <VisuallyHidden id={id} role="status">
        {hint}
      </VisuallyHidden>
    </span>
  );
}
