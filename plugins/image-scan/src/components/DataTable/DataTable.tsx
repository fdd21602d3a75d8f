import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Column,
  Row,
  TableBody,
  TableBodySkeleton,
  TableHeader,
  TablePagination,
  TableRoot,
} from '@backstage/ui';
import type { ReactElement, ReactNode } from 'react';
import { imageScanTranslationRef } from '../../translation';
import styles from './DataTable.module.css';

/** One column of a {@link DataTable}. */
export interface DataColumn<T> {
  id: string;
  label: string;
  /** Must be a `Cell` or `CellText`. */
  cell: (item: T) => ReactElement;
  /** Share of the width, as for a flex item; default 1. */
  grow?: number;
  isRowHeader?: boolean;
  isSortable?: boolean;
}

/** Which part of a long list is shown. */
export interface Paging {
  limit: number;
  offset: number;
  /** With sizes, the user can choose one. */
  sizes?: number[];
  onOffsetChange(offset: number): void;
  onLimitChange?(limit: number): void;
}

/** In which order a list is shown. */
export interface Sorting {
  field: string;
  order: 'asc' | 'desc';
  onChange(field: string, order: 'asc' | 'desc'): void;
}

/**
 * A table whose backend sorts and pages.
 *
 * @remarks
 * Built from the parts of the Backstage UI `Table`, which itself cannot be given
 * a name for screen readers.
 */
export function DataTable<T extends object>(props: {
  label: string;
  columns: DataColumn<T>[];
  /** Absent while the first ones load. */
  items: T[] | undefined;
  totalItems?: number;
  getId: (item: T) => string;
  getHref?: (item: T) => string;
  isStale?: boolean;
  paging?: Paging;
  sorting?: Sorting;
  empty: ReactNode;
}) {
  const { label, columns, items, totalItems = 0, paging, sorting } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const wholeWidth = columns.reduce((sum, { grow = 1 }) => sum + grow, 0);
  const last = paging
    ? Math.min(paging.offset + (items?.length ?? 0), totalItems)
    : 0;

  return (
    <div className={styles.root}>
      <div className={styles.scroll}>
        <TableRoot
          aria-label={label}
          stale={props.isStale}
          isPending={!items}
          sortDescriptor={
            sorting && {
              column: sorting.field,
              direction: sorting.order === 'asc' ? 'ascending' : 'descending',
            }
          }
          onSortChange={({ column, direction }) =>
            sorting?.onChange(
              String(column),
              direction === 'ascending' ? 'asc' : 'desc',
            )
          }
        >
          <TableHeader columns={columns}>
            {column => (
              <Column
                id={column.id}
                isRowHeader={column.isRowHeader}
                allowsSorting={sorting && column.isSortable}
                style={{
                  width: `${((column.grow ?? 1) / wholeWidth) * 100}%`,
                }}
              >
                {column.label}
              </Column>
            )}
          </TableHeader>
          {items ? (
            <TableBody
              items={items}
              dependencies={[columns]}
              renderEmptyState={() => (
                <div className={styles.empty}>{props.empty}</div>
              )}
            >
              {item => (
                <Row
                  id={props.getId(item)}
                  columns={columns}
                  href={props.getHref?.(item)}
                >
                  {column => column.cell(item)}
                </Row>
              )}
            </TableBody>
          ) : (
            <TableBodySkeleton columns={columns} />
          )}
        </TableRoot>
      </div>
      {paging &&
        totalItems > Math.min(paging.limit, ...(paging.sizes ?? [])) && (
          <TablePagination
            pageSize={paging.limit}
            pageSizeOptions={(paging.sizes ?? []).map(size => ({
              label: t('table.pageSize', { size: String(size) }),
              value: size,
            }))}
            offset={paging.offset}
            totalCount={totalItems}
            hasNextPage={last < totalItems}
            hasPreviousPage={paging.offset > 0}
            onNextPage={() =>
              paging.onOffsetChange(paging.offset + paging.limit)
            }
            onPreviousPage={() =>
              paging.onOffsetChange(Math.max(0, paging.offset - paging.limit))
            }
            onPageSizeChange={paging.onLimitChange}
            getLabel={() =>
              t('table.range', {
                from: String(Math.min(paging.offset + 1, last)),
                to: String(last),
                total: String(totalItems),
              })
            }
          />
        )}
    </div>
  );
}
