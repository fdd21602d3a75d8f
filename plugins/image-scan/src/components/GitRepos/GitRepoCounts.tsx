import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  type GitRepoStatus,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';
import { gitRepoScansHref } from '../../routes';
import { imageScanTranslationRef } from '../../translation';
import { StateBadge } from '../StateBadge';
import styles from './GitRepos.module.css';

/** How many images of a git repo are in each state, linked to their list. */
export function GitRepoCounts(props: { gitRepo: GitRepoStatus; base: string }) {
  const { gitRepo, base } = props;
  const { name, counts } = gitRepo;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  return (
    <div className={styles.counts}>
      <Link href={gitRepoScansHref(base, name)}>
        {t('gitRepos.images', { count: total })}
      </Link>
      <ul
        className={styles.states}
        aria-label={t('gitRepos.counts', { gitRepo: name })}
      >
        {imageScanStates
          .filter(state => counts[state] > 0)
          .map(state => (
            <li key={state} className={styles.state}>
              <StateBadge state={state} />
              <span className={styles.number}>{counts[state]}</span>
            </li>
          ))}
      </ul>
    </div>
  );
}
