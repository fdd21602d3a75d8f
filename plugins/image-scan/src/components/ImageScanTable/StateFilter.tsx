import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import {
  type ImageScanCounts,
  type ImageScanState,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import styles from './ImageScanTable.module.css';

const ALL = 'all';

/** How many scans are in each state, and which of them to show. */
export function StateFilter(props: {
  counts: ImageScanCounts | undefined;
  value: ImageScanState | undefined;
  onChange: (state: ImageScanState | undefined) => void;
}) {
  const { counts, value, onChange } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const shown = imageScanStates.filter(
    state => state === value || (counts && counts[state] > 0),
  );
  const total = counts && Object.values(counts).reduce((a, b) => a + b, 0);
  return (
    <ToggleButtonGroup
      className={styles.states}
      aria-label={t('table.filter')}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value ?? ALL]}
      onSelectionChange={keys => {
        const [key] = keys;
        onChange(imageScanStates.find(state => state === key));
      }}
    >
      <ToggleButton id={ALL} size="small">
        {total === undefined
          ? t('table.all')
          : t('table.stateCount', {
              state: t('table.all'),
              number: String(total),
            })}
      </ToggleButton>
      {shown.map(state => (
        <ToggleButton key={state} id={state} size="small">
          {t('table.stateCount', {
            state: t(`state.${state}`),
            number: String(counts?.[state] ?? 0),
          })}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
