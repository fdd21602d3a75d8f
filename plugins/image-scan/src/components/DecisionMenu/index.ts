export { ScanMenu } from './ScanMenu';
export { GitRepoMenu } from './GitRepoMenu';
