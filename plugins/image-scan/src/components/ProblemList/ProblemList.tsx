import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Problem } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import styles from './ProblemList.module.css';

/** What does nothing, with file and line. */
export function ProblemList(props: { problems: Problem[] }) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <ul className={styles.list} aria-label={t('problems.label')}>
      {props.problems.map((problem, index) => (
        <li key={index} className={styles.item}>
          <code className={styles.place}>
            {problem.line === undefined
              ? problem.file
              : `${problem.file}:${problem.line}`}
          </code>
          {problem.tagName && (
            <span className={styles.tagName}>{problem.tagName}</span>
          )}
          <span>{problem.message}</span>
        </li>
      ))}
    </ul>
  );
}
