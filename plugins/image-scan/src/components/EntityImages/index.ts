export { EntityImages } from './EntityImages';
