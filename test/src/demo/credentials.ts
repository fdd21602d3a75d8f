import { demoPorts } from './addresses';

/** Both servers are on loopback and hold samples; the words are no secrets. */
export const gitUser = { username: 'demo', password: 'plum-kettle-40' };
export const registryUser = { username: 'demo', password: 'oak-lantern-73' };

/** The variables that app-config.yaml takes its passwords from. */
export const demoEnvironment = {
  DEMO_GIT_PASSWORD: gitUser.password,
  DEMO_REGISTRY_PASSWORD: registryUser.password,
  DEMO_DOCKER_CONFIG_JSON: JSON.stringify({
    auths: { [`127.0.0.1:${demoPorts.registry}`]: registryUser },
  }),
};
