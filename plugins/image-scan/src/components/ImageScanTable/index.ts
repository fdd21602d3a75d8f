export { ImageScanTable } from './ImageScanTable';
export { LastAnswer, LatestTag, TagText } from './cells';
export { useTableState } from './useTableState';
