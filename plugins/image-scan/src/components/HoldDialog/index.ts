export { HoldButton } from './HoldButton';
export { HoldDialog } from './HoldDialog';
export type { HoldTarget } from './holdTarget';
