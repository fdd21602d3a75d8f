import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { RiCheckLine, RiFileCopyLine } from '@remixicon/react';
import { useEffect, useRef, useState } from 'react';
import { imageScanTranslationRef } from '../../translation';
import styles from './CopyBlock.module.css';

const FEEDBACK_TIME = 3_000;

/** Text to copy into a file. */
export function CopyBlock(props: {
  text: string;
  /** What it is, for the name of the button. */
  what: string;
}) {
  const { text, what } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const block = useRef<HTMLPreElement>(null);
  const [outcome, setOutcome] = useState<'copied' | 'selected'>();

  useEffect(() => {
    if (!outcome) {
      return undefined;
    }
    const timer = setTimeout(() => setOutcome(undefined), FEEDBACK_TIME);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async () => {
    // Pages on plain http have no clipboard, and a browser may refuse it: then
    // the text is selected, and one key copies it.
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      if (block.current) {
        window.getSelection()?.selectAllChildren(block.current);
      }
      setOutcome('selected');
    }
  };

  return (
    <div className={styles.root}>
      {/* A block that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre ref={block} className={styles.text} tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <div className={styles.bar}>
        <Button
          variant="secondary"
          size="small"
          iconStart={
            outcome === 'copied' ? <RiCheckLine /> : <RiFileCopyLine />
          }
          aria-label={t('copy.label', { what })}
          onPress={copy}
        >
          {t('copy.button')}
        </Button>
        <span role="status" className={styles.outcome}>
          {outcome === 'copied' && t('copy.copied')}
          {outcome === 'selected' && t('copy.select')}
        </span>
      </div>
    </div>
  );
}
