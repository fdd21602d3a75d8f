export { imageScanApiRef } from './imageScanApiRef';
export { listAllScans } from './listAllScans';
