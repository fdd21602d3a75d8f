import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Checkbox } from '@backstage/ui';
import type { ReactElement } from 'react';
import { imageScanTranslationRef } from '../../translation';
import { DecisionNote } from '../DecisionNote';
import styles from './UpdateDialog.module.css';
import type { UpdateRow } from './updateRows';

/** The scans that something is wanted for, each with its box, or why it has none. */
export function UpdateScans(props: {
  rows: UpdateRow[];
  isDisabled: boolean;
  onChange: (imageScanId: string, isTicked: boolean) => void;
}) {
  const { rows, isDisabled, onChange } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <ul className={styles.scans} aria-label={t('update.scans')}>
      {rows.map(row => (
        <li key={row.scan.imageScanId} className={styles.scan}>
          <Checkbox
            isSelected={row.isTicked}
            isDisabled={isDisabled || !row.isTickable}
            onChange={isTicked => onChange(row.scan.imageScanId, isTicked)}
          >
            <Step row={row} />
          </Checkbox>
          <Reason row={row} />
        </li>
      ))}
    </ul>
  );
}

function Step(props: { row: UpdateRow }) {
  const { tagName, from, to } = props.row.scan;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <>
      {to === undefined
        ? tagName
        : t('history.change', {
            tagName,
            from: from ?? t('decision.note.nothing'),
            to,
          })}
    </>
  );
}

/** Why a scan is not written, and what ticking it would mean. */
function Reason(props: { row: UpdateRow }): ReactElement | null {
  const { scan, decision, isTickable } = props.row;
  const { t } = useTranslationRef(imageScanTranslationRef);
  if (!scan.notWritten) {
    return scan.goesBack || scan.holdsAfterwards ? (
      <span className={styles.reason}>
        {scan.goesBack && <span>{scan.goesBack}</span>}
        {scan.holdsAfterwards && <span>{t('update.holdsAfterwards')}</span>}
      </span>
    ) : null;
  }
  return (
    <span className={styles.reason}>
      {decision ? <DecisionNote decision={decision} /> : scan.notWritten.reason}
      {isTickable && (
        <span>
          {t(decision ? 'update.tickReleases' : 'update.tickGoesBack')}
        </span>
      )}
    </span>
  );
}
