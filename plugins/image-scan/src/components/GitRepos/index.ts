export { GitRepos } from './GitRepos';
