import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Badge,
  Card,
  CardBody,
  CardHeader,
  Link,
  Text,
} from '@backstage/ui';
import { RiPauseCircleLine, RiRefreshLine } from '@remixicon/react';
import type {
  Decision,
  GitRepoStatus,
} from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from '../../api';
import { useAction, useMayScan } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { ActionButton } from '../ActionButton';
import { GitRepoMenu } from '../DecisionMenu';
import { ErrorAlert, StatusErrorAlert } from '../ErrorAlert';
import { HoldAlert } from '../HoldAlert';
import { ProblemList } from '../ProblemList';
import { UpdateButton } from '../UpdateDialog';
import { GitRepoCounts } from './GitRepoCounts';
import { GitRepoFacts } from './GitRepoFacts';
import styles from './GitRepos.module.css';

/** One git repository: where it is, how it fares, and what in it does nothing. */
export function GitRepoCard(props: {
  gitRepo: GitRepoStatus;
  base: string;
  /** The hold of all of it, where there is one. */
  hold?: Decision;
  onChanged: () => void;
}) {
  const { gitRepo, base, hold, onChanged } = props;
  const { name, problems } = gitRepo;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const mayScan = useMayScan(name);
  const sync = useAction(async () => {
    await api.syncGitRepo(name);
    onChanged();
  });

  return (
    <Card role="region" aria-label={name}>
      <CardHeader>
        <div className={styles.header}>
          <div className={styles.title}>
            <Text as="h2" variant="title-x-small" weight="bold">
              {name}
            </Text>
            {gitRepo.paused && (
              <Badge
                icon={<RiPauseCircleLine aria-hidden="true" />}
                title={t('gitRepos.pausedHelp')}
              >
                {t('gitRepos.paused')}
              </Badge>
            )}
          </div>
          <div className={styles.title}>
            <ActionButton
              icon={<RiRefreshLine aria-hidden="true" />}
              label={t('gitRepos.sync', { gitRepo: name })}
              isPending={sync.isRunning}
              isDisabled={!mayScan.allowed}
              reason={mayScan.reason}
              onPress={sync.run}
            >
              {t('gitRepos.syncLabel')}
            </ActionButton>
            <UpdateButton
              scope={{ gitRepo: name }}
              label={t('update.title', { gitRepo: name })}
              onWritten={onChanged}
            />
            <GitRepoMenu gitRepo={name} current={hold} onDecided={onChanged} />
          </div>
        </div>
      </CardHeader>
      <CardBody>
        <div className={styles.body}>
          <Link
            href={gitRepo.repo}
            target="_blank"
            rel="noopener noreferrer"
            className={styles.url}
          >
            {gitRepo.repo}
          </Link>
          {sync.error && (
            <ErrorAlert
              title={t('error.action')}
              error={sync.error}
              onDismiss={sync.dismiss}
            />
          )}
          <HoldAlert decision={hold} onReleased={onChanged} />
          {gitRepo.error && (
            <StatusErrorAlert title={t('error.read')} error={gitRepo.error} />
          )}
          {gitRepo.updateError && (
            <StatusErrorAlert
              title={t('error.update')}
              error={gitRepo.updateError}
            />
          )}
          <GitRepoCounts gitRepo={gitRepo} base={base} />
          <GitRepoFacts gitRepo={gitRepo} />
          {problems.length > 0 && (
            <Accordion>
              <AccordionTrigger
                title={t('problems.count', { count: problems.length })}
              />
              <AccordionPanel>
                <ProblemList problems={problems} />
              </AccordionPanel>
            </Accordion>
          )}
        </div>
      </CardBody>
    </Card>
  );
}
