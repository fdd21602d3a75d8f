import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, useBreakpoint } from '@backstage/ui';
import type { TagExplanation } from 'backstage-plugin-image-scan-common';
import { type ReactNode, useMemo } from 'react';
import { imageScanTranslationRef } from '../../translation';
import { type DataColumn, DataTable, type Paging } from '../DataTable';
import { VerdictBadge } from '../VerdictBadge';
import styles from './TagTable.module.css';

function verdictColumn(label: string): DataColumn<TagExplanation> {
  return {
    id: 'verdict',
    label,
    cell: ({ verdict }) => (
      <Cell>
        <VerdictBadge verdict={verdict} />
      </Cell>
    ),
  };
}

/** Tags, and why each was or was not chosen; a narrow window folds the verdict into the reason. */
export function TagTable(props: {
  items: TagExplanation[] | undefined;
  totalItems?: number;
  paging?: Paging;
  isStale?: boolean;
  empty: ReactNode;
}) {
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { up } = useBreakpoint();
  const isWide = up('sm');
  const columns = useMemo<DataColumn<TagExplanation>[]>(
    () => [
      {
        id: 'tag',
        label: t('tags.tag'),
        isRowHeader: true,
        cell: ({ tag }) => (
          <Cell>
            <span className={styles.tag}>{tag}</span>
          </Cell>
        ),
      },
      ...(isWide ? [verdictColumn(t('tags.verdict'))] : []),
      {
        id: 'reason',
        label: t('tags.reason'),
        grow: 2,
        cell: ({ reason, verdict }) => (
          <Cell>
            {!isWide && <VerdictBadge verdict={verdict} />}
            <div className={styles.reason}>{reason}</div>
          </Cell>
        ),
      },
    ],
    [t, isWide],
  );
  return (
    <DataTable
      label={t('tags.label')}
      columns={columns}
      items={props.items}
      totalItems={props.totalItems}
      getId={({ tag }) => tag}
      paging={props.paging}
      isStale={props.isStale}
      empty={props.empty}
    />
  );
}
