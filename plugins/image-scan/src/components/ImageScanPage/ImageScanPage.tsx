import { useRouteRef } from '@backstage/core-plugin-api';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Container, Header } from '@backstage/ui';
import type { ReactElement } from 'react';
import { Route, Routes, useResolvedPath } from 'react-router-dom';
import {
  DECISIONS_PATH,
  GIT_REPOS_PATH,
  HISTORY_PATH,
  SCAN_PATH,
  pageRouteRef,
} from '../../routes';
import { imageScanTranslationRef } from '../../translation';
import { DecisionHistory } from '../DecisionHistory';
import { GitRepos } from '../GitRepos';
import { ImageScanDetails } from '../ImageScanDetails';
import { UpdateHistory } from '../UpdateHistory';
import { AllImages } from './AllImages';

/**
 * Everything in the catalog: image scans, git repositories and history, below
 * whatever header the app draws.
 *
 * @public
 */
export function ImageScanPageContent() {
  const here = useResolvedPath('').pathname;
  const base = useRouteRef(pageRouteRef)?.() ?? here;
  return (
    <Routes>
      <Route
        path="/"
        element={
          <Section id="images" base={base}>
            <AllImages base={base} />
          </Section>
        }
      />
      <Route
        path={GIT_REPOS_PATH}
        element={
          <Section id="git-repos" base={base}>
            <GitRepos base={base} />
          </Section>
        }
      />
      <Route
        path={HISTORY_PATH}
        element={
          <Section id="history" base={base}>
            <UpdateHistory />
          </Section>
        }
      />
      <Route
        path={DECISIONS_PATH}
        element={
          <Section id="decisions" base={base}>
            <DecisionHistory base={base} />
          </Section>
        }
      />
      <Route
        path={SCAN_PATH}
        element={
          <Container py="4">
            <ImageScanDetails base={base} />
          </Container>
        }
      />
    </Routes>
  );
}

function Section(props: {
  id: 'images' | 'git-repos' | 'history' | 'decisions';
  base: string;
  children: ReactElement;
}) {
  const { id, base, children } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const tabs = [
    { id: 'images', label: t('page.images'), href: base },
    {
      id: 'git-repos',
      label: t('page.gitRepos'),
      href: `${base}/${GIT_REPOS_PATH}`,
    },
    {
      id: 'history',
      label: t('page.history'),
      href: `${base}/${HISTORY_PATH}`,
    },
    {
      id: 'decisions',
      label: t('page.decisions'),
      href: `${base}/${DECISIONS_PATH}`,
    },
  ];
  return (
    <>
      <Header title={t('page.heading')} tabs={tabs} activeTabId={id} />
      <Container py="4">{children}</Container>
    </>
  );
}
