import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Text } from '@backstage/ui';
import { RiRefreshLine } from '@remixicon/react';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from '../../api';
import {
  type LiveData,
  useAction,
  useMayScan,
  useTimeWords,
} from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { BreakablePath } from '../BreakablePath';
import { ScanMenu } from '../DecisionMenu';
import { DecisionNote } from '../DecisionNote';
import { ErrorAlert, StatusErrorAlert } from '../ErrorAlert';
import { StateBadge } from '../StateBadge';
import { WindowNote } from '../ScanReason';
import { UpdateButton } from '../UpdateDialog';
import styles from './ImageScanDetails.module.css';

/** Name and state of a scan, what to do about it, and what needs a person. */
export function ScanHeader(props: {
  scan: ImageScan;
  live: LiveData<ImageScan>;
  /** Where its updates are listed. */
  historyHref: string;
}) {
  const { scan, live, historyHref } = props;
  const { image, gitRepo, id, held, state } = scan;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const mayScan = useMayScan(gitRepo);
  const check = useAction(async () => {
    live.setValue(await api.scanImage(id));
  });
  const words = useTimeWords();
  const { decisions } = scan;
  const deciding = decisions.find(
    ({ id: each }) => each === held?.decision?.id,
  );
  const beside = decisions.filter(decision => decision !== deciding);
  const nothing = t(reasonForNothing(scan));
  const hasWork =
    held !== undefined ||
    scan.markers.some(
      ({ current, desired }) => desired !== undefined && desired !== current,
    );

  return (
    <>
      <div className={styles.header}>
        <div className={styles.title}>
          <Text as="h2" variant="title-small" className={styles.image}>
            <BreakablePath path={image} />
          </Text>
          <StateBadge state={state} staleSince={scan.staleSince} />
        </div>
        <div className={styles.actions}>
          <ActionButton
            icon={<RiRefreshLine aria-hidden="true" />}
            isPending={check.isRunning}
            isDisabled={!mayScan.allowed}
            reason={mayScan.reason}
            onPress={check.run}
          >
            {check.isRunning ? t('details.scanning') : t('details.scan')}
          </ActionButton>
          <UpdateButton
            variant="primary"
            scope={{ gitRepo, imageScanId: id }}
            reason={hasWork ? undefined : nothing}
            onWritten={live.refresh}
          />
          <ScanMenu
            scan={scan}
            historyHref={historyHref}
            onDecided={live.refresh}
          />
        </div>
      </div>
      {check.error && (
        <ErrorAlert
          title={t('error.action')}
          error={check.error}
          onDismiss={check.dismiss}
        />
      )}
      {held && (
        <Alert
          status="warning"
          icon
          title={
            held.from
              ? t('details.heldTitle', { from: held.from, to: held.to })
              : t('details.heldBack', { to: held.to })
          }
          description={
            deciding ? <DecisionNote decision={deciding} /> : held.reason
          }
        />
      )}
      {beside.length > 0 && (
        <Alert
          icon
          title={t('details.decided')}
          description={
            <ul className={styles.notes}>
              {beside.map(decision => (
                <li key={decision.id}>
                  <DecisionNote decision={decision} />
                </li>
              ))}
            </ul>
          }
        />
      )}
      {scan.window && (
        <Alert
          icon
          title={<WindowNote scan={scan} />}
          description={t('details.window')}
        />
      )}
      {scan.waiting && (
        <Alert
          icon
          title={t('details.waiting', {
            tag: scan.waiting.tag,
            time: words.relative(scan.waiting.until),
          })}
          description={words.absolute(scan.waiting.until)}
        />
      )}
      {scan.error && (
        <StatusErrorAlert title={t('error.registry')} error={scan.error} />
      )}
      {scan.suspend && <Alert icon title={t('details.suspended')} />}
    </>
  );
}

/** Only a fresh answer of the registry says what its latest tag is. */
function reasonForNothing({ latestTag, state }: ImageScan) {
  if (latestTag === undefined) {
    return 'details.nothingChosen';
  }
  return state === 'up-to-date'
    ? 'details.nothingToUpdate'
    : 'details.nothingSince';
}
