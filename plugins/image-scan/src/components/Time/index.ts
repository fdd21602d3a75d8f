export { Day } from './Day';
export { RelativeTime } from './RelativeTime';
