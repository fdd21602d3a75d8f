import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Cell, useBreakpoint } from '@backstage/ui';
import type { UpdateRecord } from 'backstage-plugin-image-scan-common';
import { useMemo, useState } from 'react';
import { imageScanApiRef } from '../../api';
import { useLiveData } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { CommitLink } from '../CommitLink';
import { type DataColumn, DataTable } from '../DataTable';
import { LoadError } from '../ErrorAlert';
import { Person } from '../Person';
import { RevertButton } from '../RevertDialog';
import { RelativeTime } from '../Time';
import { ChangeList } from './ChangeList';
import styles from './UpdateHistory.module.css';

const PAGE_SIZE = 20;

/** The commits that were written, newest first; a narrow window folds who and what into when. */
export function UpdateHistory(props: {
  /** Only those that changed this scan. */
  imageScanId?: string;
  /** Called after one was reverted. */
  onChanged?: () => void;
}) {
  const { imageScanId, onChanged } = props;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [offset, setOffset] = useState(0);
  const options = { imageScanId, limit: PAGE_SIZE, offset };
  const live = useLiveData(JSON.stringify(options), () =>
    api.listUpdates(options),
  );

  const { refresh } = live;
  const { up } = useBreakpoint();
  const isWide = up('sm');
  const columns = useMemo<DataColumn<UpdateRecord>[]>(() => {
    const changes = (record: UpdateRecord) => (
      <ChangeList
        changes={
          imageScanId
            ? record.changes.filter(
                change => change.imageScanId === imageScanId,
              )
            : record.changes
        }
      />
    );
    const commit = ({
      commit: id,
      commitUrl,
      gitRepo,
      branch,
    }: UpdateRecord) => (
      <>
        <CommitLink
          commit={id}
          url={commitUrl}
          label={t('update.commit', { commit: id.slice(0, 8) })}
        />
        <span className={styles.secondary}>
          {gitRepo} · {branch}
        </span>
      </>
    );
    const revert = (record: UpdateRecord) => (
      <RevertButton
        update={record}
        imageScanId={imageScanId}
        onReverted={() => {
          refresh();
          onChanged?.();
        }}
      />
    );
    const time: DataColumn<UpdateRecord> = {
      id: 'time',
      label: t('history.time'),
      isRowHeader: true,
      cell: record => (
        <Cell>
          <RelativeTime time={record.time} />
          {!isWide && (
            <div className={styles.secondary}>
              <Person who={record.initiator} />
              {commit(record)}
            </div>
          )}
        </Cell>
      ),
    };
    return [
      time,
      ...(isWide
        ? [
            {
              id: 'commit',
              label: t('history.commit'),
              cell: (record: UpdateRecord) => <Cell>{commit(record)}</Cell>,
            },
            {
              id: 'initiator',
              label: t('history.who'),
              cell: ({ initiator }: UpdateRecord) => (
                <Cell>
                  <Person who={initiator} />
                </Cell>
              ),
            },
          ]
        : []),
      {
        id: 'changes',
        label: t('history.changes'),
        grow: isWide ? 3 : 2,
        cell: record => (
          <Cell>
            {changes(record)}
            {!isWide && revert(record)}
          </Cell>
        ),
      },
      ...(isWide
        ? [
            {
              id: 'revert',
              label: t('history.revert'),
              cell: (record: UpdateRecord) => <Cell>{revert(record)}</Cell>,
            },
          ]
        : []),
    ];
  }, [t, imageScanId, isWide, refresh, onChanged]);

  return (
    <div className={styles.root}>
      <LoadError live={live} />
      {(live.value || !live.error) && (
        <DataTable
          label={t('history.label')}
          columns={columns}
          items={live.value?.items}
          totalItems={live.value?.totalItems}
          getId={record => record.id}
          isStale={live.isStale}
          paging={{ limit: PAGE_SIZE, offset, onOffsetChange: setOffset }}
          empty={t('history.empty')}
        />
      )}
    </div>
  );
}
