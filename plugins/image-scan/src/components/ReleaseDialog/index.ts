export { ReleaseButton } from './ReleaseButton';
export { ReleaseDialog } from './ReleaseDialog';
