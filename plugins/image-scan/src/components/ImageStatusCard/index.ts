export { ImageStatusCard } from './ImageStatusCard';
