export { HoldAlert } from './HoldAlert';
