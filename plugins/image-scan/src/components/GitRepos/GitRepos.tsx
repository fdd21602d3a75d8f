import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from '../../api';
import { useDecisions, useLiveData } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { CopyBlock } from '../CopyBlock';
import { LoadError } from '../ErrorAlert';
import { HoldAlert } from '../HoldAlert';
import { LoadingBlocks } from '../LoadingBlocks';
import { gitRepoConfig } from '../NoScans';
import { HelpText } from '../HelpText';
import { GitRepoCard } from './GitRepoCard';
import styles from './GitRepos.module.css';

/** The most that one answer holds. */
const MOST_DECISIONS = 500;

/** The configured git repositories and how they fare. */
export function GitRepos(props: {
  /** Path of the page, for links to the scans of a git repo. */
  base: string;
}) {
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const live = useLiveData('git-repos', () => api.listGitRepos());
  const gitRepos = live.value?.items;
  const decisions = useDecisions({ active: true, limit: MOST_DECISIONS });
  const holds = decisions.value?.items.filter(isWideHold) ?? [];
  const everything = holds.find(({ gitRepo }) => gitRepo === undefined);

  return (
    <div className={styles.list}>
      <LoadError live={live} />
      <HoldAlert decision={everything} onReleased={decisions.refresh} />
      {!gitRepos && !live.error && <LoadingBlocks heights={[140, 140]} />}
      {gitRepos?.length === 0 && (
        <>
          <Text as="p" weight="bold">
            {t('gitRepos.empty')}
          </Text>
          <HelpText>{t('gitRepos.emptyHelp')}</HelpText>
          <CopyBlock text={gitRepoConfig()} what={t('copy.config')} />
        </>
      )}
      {gitRepos?.map(gitRepo => (
        <GitRepoCard
          key={gitRepo.name}
          gitRepo={gitRepo}
          base={props.base}
          hold={holds.find(each => each.gitRepo === gitRepo.name)}
          onChanged={() => {
            live.refresh();
            decisions.refresh();
          }}
        />
      ))}
    </div>
  );
}

/** Whether a decision holds a whole git repo, or everything. */
function isWideHold({ kind, tagName, isGone }: Decision): boolean {
  return kind === 'hold' && tagName === undefined && !isGone;
}
