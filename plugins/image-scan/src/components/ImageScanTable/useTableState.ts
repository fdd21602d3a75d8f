import {
  type ImageScanListOptions,
  type ImageScanOrderField,
  type ImageScanState,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';
import { useSearchParams } from 'react-router-dom';

/** Page sizes to choose from; the first is the default. */
export const PAGE_SIZES = [25, 50, 100, 200];

const ORDER_FIELDS: ImageScanOrderField[] = [
  'image',
  'tagName',
  'gitRepo',
  'state',
  'latestTag',
  'lastScanTime',
];

/** What a table of scans shows; the URL keeps it, so it can be shared and gone back to. */
export interface TableState {
  state?: ImageScanState;
  search: string;
  gitRepo?: string;
  orderBy: NonNullable<ImageScanListOptions['orderBy']>;
  limit: number;
  offset: number;
}

/** Reads the state from the URL; what makes no sense there is ignored. */
function parseTableState(parameters: URLSearchParams): TableState {
  const limit = Number(parameters.get('limit'));
  const offset = Number(parameters.get('offset'));
  return {
    state: imageScanStates.find(state => state === parameters.get('state')),
    search: parameters.get('search') ?? '',
    gitRepo: parameters.get('gitRepo') || undefined,
    orderBy: {
      field: orderField(parameters.get('orderBy')) ?? 'state',
      order: parameters.get('order') === 'desc' ? 'desc' : 'asc',
    },
    limit: PAGE_SIZES.includes(limit) ? limit : PAGE_SIZES[0],
    offset: Number.isSafeInteger(offset) && offset > 0 ? offset : 0,
  };
}

/** A field that the backend can order by, from the name of a column. */
export function orderField(
  name: string | null,
): ImageScanOrderField | undefined {
  return ORDER_FIELDS.find(field => field === name);
}

/** Writes the state into URL parameters, next to those of others. */
function toParameters(
  state: TableState,
  others: URLSearchParams,
): URLSearchParams {
  const parameters = new URLSearchParams(others);
  const { field, order } = state.orderBy;
  const isDefaultOrder = field === 'state' && order === 'asc';
  const values: Record<string, string | undefined> = {
    state: state.state,
    search: state.search || undefined,
    gitRepo: state.gitRepo,
    orderBy: isDefaultOrder ? undefined : field,
    order: isDefaultOrder ? undefined : order,
    limit: state.limit === PAGE_SIZES[0] ? undefined : String(state.limit),
    offset: state.offset === 0 ? undefined : String(state.offset),
  };
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) {
      parameters.delete(name);
    } else {
      parameters.set(name, value);
    }
  }
  return parameters;
}

/**
 * The state of the table, and a way to change some of it. A change of anything
 * but the page goes back to the first page.
 */
export function useTableState(): [
  TableState,
  (change: Partial<TableState>) => void,
] {
  const [parameters, setParameters] = useSearchParams();
  const change = (part: Partial<TableState>) =>
    setParameters(
      old => toParameters({ ...parseTableState(old), offset: 0, ...part }, old),
      { replace: true },
    );
  return [parseTableState(parameters), change];
}
