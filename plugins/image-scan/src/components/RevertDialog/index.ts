export { RevertButton } from './RevertButton';
