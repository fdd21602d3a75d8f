import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { GitRepoStatus } from 'backstage-plugin-image-scan-common';
import type { ReactNode } from 'react';
import { useTimeWords } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { CommitLink } from '../CommitLink';
import { RelativeTime } from '../Time';
import styles from './GitRepos.module.css';

/** Branch, head and times of a git repo. */
export function GitRepoFacts(props: { gitRepo: GitRepoStatus }) {
  const { branch, head, paths, lastSyncTime, nextSyncTime, imageScanInterval } =
    props.gitRepo;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  return (
    <dl className={styles.facts}>
      <Fact term={t('gitRepos.branch')}>
        {branch ?? t('gitRepos.defaultBranch')}
      </Fact>
      <Fact term={t('gitRepos.head')}>
        {head ? (
          <CommitLink
            commit={head.commit}
            url={head.url}
            label={t('update.commit', { commit: head.commit.slice(0, 8) })}
          />
        ) : (
          t('details.notKnown')
        )}
      </Fact>
      <Fact term={t('gitRepos.lastSync')}>
        {lastSyncTime ? (
          <RelativeTime time={lastSyncTime} />
        ) : (
          t('gitRepos.never')
        )}
      </Fact>
      <Fact term={t('gitRepos.nextSync')}>
        {nextSyncTime ? (
          <RelativeTime time={nextSyncTime} />
        ) : (
          t('details.notKnown')
        )}
      </Fact>
      <Fact term={t('gitRepos.interval')}>
        {t('details.every', { interval: words.duration(imageScanInterval) })}
      </Fact>
      <Fact term={t('gitRepos.paths')}>{paths.join(', ')}</Fact>
    </dl>
  );
}

function Fact(props: { term: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{props.term}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
