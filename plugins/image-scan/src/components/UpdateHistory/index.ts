export { UpdateHistory } from './UpdateHistory';
