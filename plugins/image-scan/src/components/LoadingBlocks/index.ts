export { LoadingBlocks } from './LoadingBlocks';
