export { ImageScanTable } from './ImageScanTable';
export { LastAnswer, LatestTag, PolicyText, TagText } from './cells';
export { useTableState } from './useTableState';
