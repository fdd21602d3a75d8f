export { BreakablePath } from './BreakablePath';
