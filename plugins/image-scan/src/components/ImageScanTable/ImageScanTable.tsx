import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, SearchField } from '@backstage/ui';
import { RiCloseLine } from '@remixicon/react';
import type { ImageScanList } from 'backstage-plugin-image-scan-common';
import { type ReactNode, useEffect, useState } from 'react';
import type { LiveData } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { DataTable } from '../DataTable';
import { LoadError } from '../ErrorAlert';
import { useColumns } from './columns';
import styles from './ImageScanTable.module.css';
import { StateFilter } from './StateFilter';
import { PAGE_SIZES, type TableState, orderField } from './useTableState';

const SEARCH_DELAY = 300;

/** Image scans with their filters; the backend filters, sorts and pages. */
export function ImageScanTable(props: {
  live: LiveData<ImageScanList>;
  table: TableState;
  onChange: (change: Partial<TableState>) => void;
  /** Where the details of a scan are; keep it the same between renders. */
  scanHref: (id: string) => string;
  showsGitRepo: boolean;
  /** More to do with what is shown, beside its filters. */
  actions?: ReactNode;
  /** Shown instead of the table when nothing is filtered and there is nothing. */
  empty: ReactNode;
}) {
  const { live, table, onChange, scanHref, showsGitRepo, empty } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const columns = useColumns({ scanHref, showsGitRepo });
  const list = live.value;
  const isFiltered = Boolean(table.state || table.search || table.gitRepo);

  // The rows may become fewer than the page that the URL names.
  const isBeyondEnd =
    list && !live.isStale && table.offset > 0 && list.items.length === 0;
  useEffect(() => {
    if (isBeyondEnd) {
      onChange({ offset: 0 });
    }
  });

  if (!list && live.error) {
    return <LoadError live={live} />;
  }
  if (list && !isFiltered && !isBeyondEnd && list.totalItems === 0) {
    return (
      <>
        <LoadError live={live} />
        {empty}
      </>
    );
  }
  return (
    <div className={styles.root}>
      <LoadError live={live} />
      <div className={styles.filters}>
        <StateFilter
          counts={list?.counts}
          value={table.state}
          onChange={state => onChange({ state })}
        />
        {table.gitRepo && (
          <Button
            size="small"
            variant="secondary"
            iconEnd={<RiCloseLine />}
            onPress={() => onChange({ gitRepo: undefined })}
          >
            {t('table.onlyGitRepo', { gitRepo: table.gitRepo })}
          </Button>
        )}
        <Search
          value={table.search}
          onChange={search => onChange({ search })}
        />
        {props.actions}
      </div>
      <DataTable
        label={t('table.label')}
        columns={columns}
        items={list?.items}
        totalItems={list?.totalItems}
        getId={scan => scan.id}
        getHref={scan => scanHref(scan.id)}
        isStale={live.isStale}
        sorting={{
          ...table.orderBy,
          onChange: (column, order) => {
            const field = orderField(column);
            if (field) {
              onChange({ orderBy: { field, order } });
            }
          },
        }}
        paging={{
          limit: table.limit,
          offset: table.offset,
          sizes: PAGE_SIZES,
          onOffsetChange: offset => onChange({ offset }),
          onLimitChange: limit => onChange({ limit }),
        }}
        empty={
          <div className={styles.noMatch}>
            {t('table.noMatch')}
            <Button
              size="small"
              variant="secondary"
              onPress={() =>
                onChange({ state: undefined, search: '', gitRepo: undefined })
              }
            >
              {t('table.clear')}
            </Button>
          </div>
        }
      />
    </div>
  );
}

/** Typing is shown at once and searched for after a pause. */
function Search(props: { value: string; onChange: (value: string) => void }) {
  const { value, onChange } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [typed, setTyped] = useState(value);

  // The URL may change by other ways, such as the button that clears all.
  useEffect(() => setTyped(value), [value]);

  useEffect(() => {
    if (typed === value) {
      return undefined;
    }
    const timer = setTimeout(() => onChange(typed), SEARCH_DELAY);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);

  return (
    <SearchField
      className={styles.search}
      size="small"
      aria-label={t('table.search')}
      placeholder={t('table.searchPlaceholder')}
      value={typed}
      onChange={setTyped}
    />
  );
}
