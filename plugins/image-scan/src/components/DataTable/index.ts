export { DataTable } from './DataTable';
export type { DataColumn, Paging, Sorting } from './DataTable';
