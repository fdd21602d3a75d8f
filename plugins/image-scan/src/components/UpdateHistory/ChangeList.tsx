import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { UpdateChange } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { imageScanTranslationRef } from '../../translation';
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
        {shown.map(({ file, line, tagName, from, to }, index) => (
          <li key={index}>
            {t('history.change', { tagName, from, to })}
            <span className={styles.secondary}>{`${file}:${line}`}</span>
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
