import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonLink, Tab, TabList, TabPanel, Tabs } from '@backstage/ui';
import { RiArrowLeftLine } from '@remixicon/react';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import type { ReactElement } from 'react';
import { useParams, useSearchParams } from 'react-router-dom';
import { useImageScan } from '../../hooks';
import { scanHref } from '../../routes';
import { imageScanTranslationRef } from '../../translation';
import { DecisionHistory } from '../DecisionHistory';
import { LoadError } from '../ErrorAlert';
import { LoadingBlocks } from '../LoadingBlocks';
import { PolicyTester } from '../PolicyTester';
import { UpdateHistory } from '../UpdateHistory';
import { ErrorTab } from './ErrorTab';
import styles from './ImageScanDetails.module.css';
import { ProblemsTab } from './ProblemsTab';
import { ScanHeader } from './ScanHeader';
import { ScanSummary } from './ScanSummary';
import { TagsTab } from './TagsTab';

const TABS = [
  'tags',
  'problems',
  'error',
  'history',
  'decisions',
  'tester',
] as const;

type TabId = (typeof TABS)[number];

/** Everything about one image scan; the route names it as `id`. */
export function ImageScanDetails(props: {
  /** Path of the list it belongs to. */
  base: string;
}) {
  const { id = '' } = useParams();
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <div className={styles.root}>
      <div>
        <ButtonLink
          href={props.base}
          variant="tertiary"
          size="small"
          iconStart={<RiArrowLeftLine aria-hidden="true" />}
        >
          {t('details.back')}
        </ButtonLink>
      </div>
      <Details key={id} id={id} base={props.base} />
    </div>
  );
}

function Details(props: { id: string; base: string }) {
  const live = useImageScan(props.id);
  const scan = live.value;
  return (
    <>
      <LoadError live={live} />
      {!scan && !live.error && <LoadingBlocks heights={[28, 120, 240]} />}
      {scan && (
        <>
          <ScanHeader
            scan={scan}
            live={live}
            historyHref={`${scanHref(props.base, scan.id)}?tab=history`}
          />
          <ScanSummary scan={scan} />
          <DetailTabs scan={scan} base={props.base} onChanged={live.refresh} />
        </>
      )}
    </>
  );
}

function DetailTabs(props: {
  scan: ImageScan;
  base: string;
  onChanged: () => void;
}) {
  const { scan, base, onChanged } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [parameters, setParameters] = useSearchParams();
  const selected = TABS.find(tab => tab === parameters.get('tab')) ?? TABS[0];
  const panels: Record<TabId, ReactElement> = {
    tags: <TagsTab scan={scan} onChanged={onChanged} />,
    problems: <ProblemsTab scan={scan} />,
    error: <ErrorTab scan={scan} />,
    history: <UpdateHistory imageScanId={scan.id} onChanged={onChanged} />,
    decisions: (
      <DecisionHistory
        base={base}
        imageScanId={scan.id}
        onChanged={onChanged}
      />
    ),
    tester: <PolicyTester scan={scan} />,
  };
  const notes = scan.problems.length + scan.warnings.length;
  const errors = [scan.error, scan.updateError].filter(Boolean).length;
  const labels: Record<TabId, string> = {
    tags: t('details.tags'),
    problems: count(t('details.problems'), notes),
    error: count(t('details.error'), errors),
    history: t('details.history'),
    decisions: count(t('details.decisions'), scan.decisions.length),
    tester: t('details.tester'),
  };

  return (
    <Tabs
      selectedKey={selected}
      onSelectionChange={key =>
        setParameters(
          old => {
            const next = new URLSearchParams(old);
            next.set('tab', String(key));
            return next;
          },
          { replace: true },
        )
      }
    >
      <div className={styles.tabs}>
        <TabList aria-label={t('details.tabs')}>
          {TABS.map(tab => (
            <Tab key={tab} id={tab}>
              {labels[tab]}
            </Tab>
          ))}
        </TabList>
      </div>
      {TABS.map(tab => (
        <TabPanel key={tab} id={tab} className={styles.panel}>
          {panels[tab]}
        </TabPanel>
      ))}
    </Tabs>
  );
}

function count(label: string, number: number): string {
  return number > 0 ? `${label} (${number})` : label;
}
