import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { useCallback, useState } from 'react';
import { useDecisions } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { DataTable } from '../DataTable';
import { LoadError } from '../ErrorAlert';
import { ReleaseButton, ReleaseDialog } from '../ReleaseDialog';
import styles from './DecisionHistory.module.css';
import { ForgottenHolds } from './ForgottenHolds';
import { useColumns } from './useColumns';

const PAGE_SIZE = 20;

const SHOWN = ['active', 'ended', 'all'] as const;

type Shown = (typeof SHOWN)[number];

const EMPTY = {
  active: 'decision.list.noneActive',
  ended: 'decision.list.noneEnded',
  all: 'decision.list.none',
} as const;

/** What people decided, the newest first: in force, or how it ended. */
export function DecisionHistory(props: {
  /** Path of the page that the details of images are below. */
  base: string;
  /** Only those about this scan. */
  imageScanId?: string;
  /** Called after something was released. */
  onChanged?: () => void;
}) {
  const { base, imageScanId, onChanged } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [shown, setShown] = useState<Shown>(imageScanId ? 'all' : 'active');
  const [offset, setOffset] = useState(0);
  const live = useDecisions({
    imageScanId,
    active: shown === 'all' ? undefined : shown === 'active',
    limit: PAGE_SIZE,
    offset,
  });
  const [releasing, setReleasing] = useState<Decision>();
  const action = useCallback(
    (decision: Decision) => (
      <ReleaseButton
        decision={decision}
        onPress={() => setReleasing(decision)}
      />
    ),
    [],
  );
  const columns = useColumns({
    base,
    showsPlace: imageScanId === undefined,
    action,
  });

  return (
    <div className={styles.root}>
      <LoadError live={live} />
      <ForgottenHolds imageScanId={imageScanId} />
      <ToggleButtonGroup
        aria-label={t('decision.list.show')}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[shown]}
        onSelectionChange={keys => {
          const [key] = keys;
          setShown(SHOWN.find(each => each === key) ?? 'all');
          setOffset(0);
        }}
      >
        {SHOWN.map(each => (
          <ToggleButton key={each} id={each} size="small">
            {t(`decision.list.${each}`)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {(live.value || !live.error) && (
        <DataTable
          label={t('decision.list.label')}
          columns={columns}
          items={live.value?.items}
          totalItems={live.value?.totalItems}
          getId={decision => decision.id}
          isStale={live.isStale}
          paging={{ limit: PAGE_SIZE, offset, onOffsetChange: setOffset }}
          empty={t(EMPTY[shown])}
        />
      )}
      {releasing && (
        <ReleaseDialog
          decision={releasing}
          onClose={() => setReleasing(undefined)}
          onReleased={() => {
            live.refresh();
            onChanged?.();
          }}
        />
      )}
    </div>
  );
}
