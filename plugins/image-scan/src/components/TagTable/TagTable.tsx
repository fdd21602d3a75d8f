import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Cell, useBreakpoint } from '@backstage/ui';
import type { TagExplanation } from 'backstage-plugin-image-scan-common';
import { type ReactNode, useId, useMemo } from 'react';
import type { Allowance } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { type DataColumn, DataTable, type Paging } from '../DataTable';
import { HelpText } from '../HelpText';
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

function valueColumn(label: string): DataColumn<TagExplanation> {
  return {
    id: 'value',
    label,
    cell: ({ value }) => (
      <Cell>
        <span className={styles.tag}>{value}</span>
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
  /** The tag that git has, which needs no use. */
  current?: string;
  /** With it each tag has a button that uses it. */
  use?: { allowance: Allowance; onUse: (tag: string) => void };
}) {
  const { current, use } = props;
  const reasonId = useId();
  const reason = use?.allowance.reason;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { up } = useBreakpoint();
  const isWide = up('sm');
  const hasValues =
    props.items?.some(({ value }) => value !== undefined) ?? false;
  const allowed = use?.allowance.allowed ?? false;
  const onUse = use?.onUse;
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
      ...(isWide && hasValues ? [valueColumn(t('tags.value'))] : []),
      ...(isWide ? [verdictColumn(t('tags.verdict'))] : []),
      {
        id: 'reason',
        label: t('tags.reason'),
        grow: 2,
        cell: ({ reason: words, verdict, value }) => (
          <Cell>
            {!isWide && <VerdictBadge verdict={verdict} />}
            {!isWide && value !== undefined && (
              <div className={styles.tag}>{value}</div>
            )}
            <div className={styles.reason}>{words}</div>
          </Cell>
        ),
      },
      ...(onUse
        ? [
            {
              id: 'use',
              label: t('tags.use'),
              cell: ({ tag, verdict }: TagExplanation) => (
                <Cell>
                  {tag !== current && verdict !== 'artefact' && (
                    <Button
                      size="small"
                      variant="tertiary"
                      isDisabled={!allowed}
                      aria-label={t('decision.useTag.label', { tag })}
                      aria-describedby={reason ? reasonId : undefined}
                      onPress={() => onUse(tag)}
                    >
                      {t('decision.useTag.button')}
                    </Button>
                  )}
                </Cell>
              ),
            },
          ]
        : []),
    ],
    [t, isWide, hasValues, current, onUse, allowed, reason, reasonId],
  );
  return (
    <>
      {reason && (
        <span id={reasonId}>
          <HelpText>{reason}</HelpText>
        </span>
      )}
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
    </>
  );
}
