export { UpdateButton } from './UpdateButton';
export { UpdateDialog } from './UpdateDialog';
export type { UpdateScope } from './updateScope';
export type { Update } from './useUpdate';
