export { ImageScanPageContent } from './ImageScanPage';
