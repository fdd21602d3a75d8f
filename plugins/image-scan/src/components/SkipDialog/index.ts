export { SkipDialog } from './SkipDialog';
