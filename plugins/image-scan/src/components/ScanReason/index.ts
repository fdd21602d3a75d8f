export { ScanReason } from './ScanReason';
