import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiArrowUpCircleLine,
  RiCheckboxCircleLine,
  RiCloseCircleLine,
  RiPauseCircleLine,
  RiQuestionLine,
  RiShieldLine,
} from '@remixicon/react';
import type { ImageScanState } from 'backstage-plugin-image-scan-common';
import type { ReactElement } from 'react';
import { useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import styles from './StateBadge.module.css';

const ICONS: Record<ImageScanState, ReactElement> = {
  'up-to-date': <RiCheckboxCircleLine aria-hidden="true" />,
  'update-available': <RiArrowUpCircleLine aria-hidden="true" />,
  held: <RiShieldLine aria-hidden="true" />,
  error: <RiCloseCircleLine aria-hidden="true" />,
  suspended: <RiPauseCircleLine aria-hidden="true" />,
  unknown: <RiQuestionLine aria-hidden="true" />,
};

/** A state as icon, word and colour; `unknown` says since when. */
export function StateBadge(props: {
  state: ImageScanState;
  /** ISO 8601. */
  staleSince?: string;
}) {
  const { state, staleSince } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  const isStale = state === 'unknown' && staleSince !== undefined;

  return (
    <span
      className={styles.badge}
      data-state={state}
      title={isStale ? words.absolute(staleSince) : undefined}
    >
      {ICONS[state]}
      <span className={styles.text}>
        {isStale
          ? t('state.unknownSince', { time: words.relative(staleSince) })
          : t(`state.${state}`)}
      </span>
    </span>
  );
}
