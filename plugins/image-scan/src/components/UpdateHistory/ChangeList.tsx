import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, VisuallyHidden } from '@backstage/ui';
import type { UpdateChange } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { imageScanTranslationRef } from '../../translation';
import { shortStep } from '../../shortStep';
import styles from './UpdateHistory.module.css';

const SHOWN = 3;

/** The values that a commit changed; more than a few on demand. */
export function ChangeList(props: { changes: UpdateChange[] }) {
  const { changes } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? changes : changes.slice(0, SHOWN);
  return (
    <>
      <ul className={styles.changes}>
        {shown.map((change, index) => (
          <li key={index}>
            <Step change={change} />
            <span className={styles.secondary}>
              {`${change.file}:${change.line}`}
            </span>
          </li>
        ))}
      </ul>
      {shown.length < changes.length && (
        <Button
          size="small"
          variant="tertiary"
          onPress={() => setShowsAll(true)}
        >
          {t('history.more', { count: changes.length - shown.length })}
        </Button>
      )}
    </>
  );
}

/** What a value was and is, in short; in full on hover and for screen readers. */
function Step(props: { change: UpdateChange }) {
  const { tagName, from, to } = props.change;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const full = t('history.change', { tagName, from, to });
  const short = t('history.change', { tagName, ...shortStep(from, to) });
  if (short === full) {
    return <>{full}</>;
  }
  return (
    <>
      <span title={full} aria-hidden="true">
        {short}
      </span>
      <VisuallyHidden>{full}</VisuallyHidden>
    </>
  );
}
