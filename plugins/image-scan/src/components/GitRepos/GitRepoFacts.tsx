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
  const { window } = props.gitRepo;
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
      {window && (
        <Fact term={t('gitRepos.window')}>
          <WindowFacts window={window} />
        </Fact>
      )}
    </dl>
  );
}

/** Whether a window is open, until when, and what makes it so. */
function WindowFacts(props: { window: NonNullable<GitRepoStatus['window']> }) {
  const { timeZone, allow, deny, isOpen, until } = props.window;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const words = useTimeWords();
  const stands = isOpen ? 'gitRepos.windowOpen' : 'gitRepos.windowClosed';
  const rules = [
    ...(allow.length > 0
      ? [t('gitRepos.windowAllow', { times: allow.join(', ') })]
      : []),
    ...(deny.length > 0
      ? [t('gitRepos.windowDeny', { times: deny.join(', ') })]
      : []),
  ];
  return (
    <>
      {until ? t(`${stands}Until`, { time: words.moment(until) }) : t(stands)}
      {` (${rules.join('; ')}; ${timeZone})`}
    </>
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
