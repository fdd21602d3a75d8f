import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { DecisionNote } from '../DecisionNote';
import { WindowNote } from './WindowNote';
import styles from './ScanReason.module.css';

/** Why an image is not at its newest tag: what holds it, or what it waits for. */
export function ScanReason(props: { scan: ImageScan }) {
  const { held, decisions, waiting, window } = props.scan;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  const decision = decisions.find(({ id }) => id === held?.decision?.id);
  if (!held && !waiting && !window) {
    return null;
  }
  return (
    <span className={styles.root}>
      {held &&
        (decision ? (
          <DecisionNote decision={decision} />
        ) : (
          <span>{held.reason}</span>
        ))}
      {window && <WindowNote scan={props.scan} />}
      {waiting && (
        <span title={words.absolute(waiting.until)}>
          {t('state.waiting', {
            tag: waiting.tag,
            time: words.relative(waiting.until),
          })}
        </span>
      )}
    </span>
  );
}
