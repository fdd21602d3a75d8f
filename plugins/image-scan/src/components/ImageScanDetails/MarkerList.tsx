import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import type { MarkerStatus } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { imageScanTranslationRef } from '../../translation';
import styles from './ImageScanDetails.module.css';

const SHOWN = 5;

/** Where the result is written, what is there now and what would be. */
export function MarkerList(props: { markers: MarkerStatus[] }) {
  const { markers } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? markers : markers.slice(0, SHOWN);

  if (markers.length === 0) {
    return <>{t('details.noMarkers')}</>;
  }
  return (
    <>
      <ul className={styles.markers}>
        {shown.map(({ file, line, form, current, desired }) => (
          <li key={`${file}:${line}:${form}`}>
            <code className={styles.code}>{`${file}:${line}`}</code>{' '}
            <span className={styles.secondary}>{t(`form.${form}`)}</span>{' '}
            <code className={styles.code}>
              {desired === undefined || desired === current
                ? current
                : t('details.markerChange', { current, desired })}
            </code>
          </li>
        ))}
      </ul>
      {shown.length < markers.length && (
        <Button
          size="small"
          variant="tertiary"
          onPress={() => setShowsAll(true)}
        >
          {t('table.moreMarkers', { count: markers.length - shown.length })}
        </Button>
      )}
    </>
  );
}
