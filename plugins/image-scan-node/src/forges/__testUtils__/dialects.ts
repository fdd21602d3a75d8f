import type { ForgeType } from '..';
import type { FakeForge, FakeRoute } from './FakeForge';
import { azureRoutes } from './azureRoutes';
import { bitbucketCloudRoutes, bitbucketServerRoutes } from './bitbucketRoutes';
import { giteaRoutes } from './giteaRoutes';
import { gitHubRoutes } from './gitHubRoutes';
import { gitLabRoutes } from './gitLabRoutes';

/** How one kind of forge is reached and speaks. */
export interface Dialect {
  type: ForgeType;
  /** Path of the repository in the URL that git uses. */
  repo: string;
  /** Path of the API's base. */
  api: string;
  routes: (forge: FakeForge) => FakeRoute[];
}

export const DIALECTS: readonly Dialect[] = [
  { type: 'github', repo: '/org/apps', api: '/api/v3', routes: gitHubRoutes },
  {
    type: 'gitlab',
    repo: '/group/team/apps.git',
    api: '/api/v4',
    routes: gitLabRoutes,
  },
  {
    type: 'gitea',
    repo: '/org/apps.git',
    api: '/api/v1',
    routes: giteaRoutes,
  },
  {
    type: 'bitbucketCloud',
    repo: '/org/apps',
    api: '/2.0',
    routes: bitbucketCloudRoutes,
  },
  {
    type: 'bitbucketServer',
    repo: '/scm/PRJ/apps.git',
    api: '/rest/api/1.0',
    routes: bitbucketServerRoutes,
  },
  {
    type: 'azure',
    repo: '/acme/shop/_git/apps',
    api: '',
    routes: azureRoutes,
  },
];
