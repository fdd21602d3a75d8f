export { DecisionMenu } from './DecisionMenu';
export { ScanMenu } from './ScanMenu';
export { GitRepoMenu } from './GitRepoMenu';
