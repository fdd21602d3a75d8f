export { NoScans, gitRepoConfig } from './NoScans';
