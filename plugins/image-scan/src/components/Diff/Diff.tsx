import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useMemo } from 'react';
import { imageScanTranslationRef } from '../../translation';
import styles from './Diff.module.css';
import { type DiffLine, parseDiff } from './parseDiff';

const SIGNS: Record<DiffLine['kind'], string> = {
  added: '+',
  removed: '-',
  context: ' ',
  hunk: '',
  note: '',
};

/** A unified diff, file by file; signs as well as colours tell what changes. */
export function Diff(props: { diff: string }) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  const files = useMemo(() => parseDiff(props.diff), [props.diff]);
  return (
    <div className={styles.files}>
      {files.map(({ file, lines }) => (
        <section
          key={file}
          className={styles.file}
          aria-label={t('update.diff', { file })}
        >
          <h3 className={styles.name}>{file}</h3>
          {/* A block that scrolls must be reachable by keyboard. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className={styles.lines} tabIndex={0}>
            {lines.map((line, index) => (
              <span key={index} className={styles.line} data-kind={line.kind}>
                {SIGNS[line.kind]}
                {visible(line.text)}
                {'\n'}
              </span>
            ))}
          </pre>
        </section>
      ))}
    </div>
  );
}

/** A carriage return at the end of a line would not be seen. */
function visible(text: string): string {
  return text.endsWith('\r') ? `${text.slice(0, -1)}␍` : text;
}
