export { Diff } from './Diff';
export { parseDiff } from './parseDiff';
