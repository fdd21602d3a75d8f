export { ImageScanDetails } from './ImageScanDetails';
