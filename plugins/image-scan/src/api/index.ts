export { imageScanApiRef } from './imageScanApiRef';
