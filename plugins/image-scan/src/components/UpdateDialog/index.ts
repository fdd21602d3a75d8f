export { UpdateButton } from './UpdateButton';
export type { UpdateScope } from './updateScope';
