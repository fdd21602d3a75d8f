import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiCheckLine,
  RiCpuLine,
  RiFileForbidLine,
  RiFilterLine,
  RiFlaskLine,
  RiForbidLine,
  RiHashtag,
  RiHistoryLine,
  RiQuestionLine,
  RiScissorsCutLine,
  RiSkipForwardLine,
  RiStairsLine,
  RiText,
  RiTimeLine,
} from '@remixicon/react';
import type { TagVerdict } from 'backstage-plugin-image-scan-common';
import type { ReactElement } from 'react';
import { imageScanTranslationRef } from '../../translation';
import styles from './VerdictBadge.module.css';

const ICONS: Record<TagVerdict, ReactElement> = {
  selected: <RiCheckLine aria-hidden="true" />,
  older: <RiHistoryLine aria-hidden="true" />,
  'too-young': <RiTimeLine aria-hidden="true" />,
  'wrong-platform': <RiCpuLine aria-hidden="true" />,
  skipped: <RiSkipForwardLine aria-hidden="true" />,
  'beyond-step': <RiStairsLine aria-hidden="true" />,
  'outside-range': <RiScissorsCutLine aria-hidden="true" />,
  'pre-release': <RiFlaskLine aria-hidden="true" />,
  'not-a-version': <RiText aria-hidden="true" />,
  'not-a-number': <RiHashtag aria-hidden="true" />,
  'no-value': <RiQuestionLine aria-hidden="true" />,
  filtered: <RiFilterLine aria-hidden="true" />,
  excluded: <RiForbidLine aria-hidden="true" />,
  artefact: <RiFileForbidLine aria-hidden="true" />,
};

/** Why a tag was chosen or not, as icon and word. */
export function VerdictBadge(props: { verdict: TagVerdict }) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <span className={styles.badge} data-verdict={props.verdict}>
      {ICONS[props.verdict]}
      {t(`verdict.${props.verdict}`)}
    </span>
  );
}
