import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { Person } from '../Person';
import { RelativeTime } from '../Time';

/** How and when a decision ended, and why. */
export function DecisionEnd(props: { ended: NonNullable<Decision['ended']> }) {
  const { by, how, reason } = props.ended;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const time = <RelativeTime time={props.ended.time} />;
  const note =
    how === 'released' || how === 'replaced'
      ? t(`decision.end.${how}`, { who: <Person who={by} />, time })
      : t(`decision.end.${how}`, { time });
  return reason ? t('decision.note.reason', { note, reason }) : note;
}
