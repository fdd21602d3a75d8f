/** Where the parts of the demo listen; app-config.yaml says the same. */
export const demoPorts = {
  app: 3000,
  backend: 7007,
  registry: 7020,
  'git server': 7021,
} as const;

export const appUrl = `http://localhost:${demoPorts.app}`;
export const backendUrl = `http://localhost:${demoPorts.backend}`;
export const registryUrl = `http://127.0.0.1:${demoPorts.registry}`;
export const gitUrl = `http://127.0.0.1:${demoPorts['git server']}`;
