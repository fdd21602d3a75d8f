import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { imageScanApiRef } from '../../api';
import { useLiveData } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { CopyBlock } from '../CopyBlock';
import { LoadError } from '../ErrorAlert';
import { LoadingBlocks } from '../LoadingBlocks';
import { gitRepoConfig } from '../NoScans';
import { HelpText } from '../HelpText';
import { GitRepoCard } from './GitRepoCard';
import styles from './GitRepos.module.css';

/** The configured git repositories and how they fare. */
export function GitRepos(props: {
  /** Path of the page, for links to the scans of a git repo. */
  base: string;
}) {
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const live = useLiveData('git-repos', () => api.listGitRepos());
  const gitRepos = live.value?.items;

  return (
    <div className={styles.list}>
      <LoadError live={live} />
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
          onChanged={live.refresh}
        />
      ))}
    </div>
  );
}
