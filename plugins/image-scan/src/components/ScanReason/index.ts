export { ScanReason } from './ScanReason';
export { WindowNote } from './WindowNote';
