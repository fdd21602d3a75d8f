export { ImageScanTable } from './ImageScanTable';
export { LatestTag, PolicyText, TagText } from './cells';
export { useTableState } from './useTableState';
