import type { ReactNode } from 'react';
import styles from './HelpText.module.css';

/**
 * A paragraph that explains.
 *
 * @remarks
 * The secondary colour of Backstage UI is too faint on cards and dialogs of the
 * dark theme (WCAG AA); this one is mixed from the primary colour.
 */
export function HelpText(props: { children: ReactNode }) {
  return <p className={styles.text}>{props.children}</p>;
}
