export { ChangeBadge } from './ChangeBadge';
