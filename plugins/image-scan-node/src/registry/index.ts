export {
  apiHostOf,
  parseImageReference,
  InvalidImageReferenceError,
} from './imageReference';
export type { ImageReference } from './imageReference';
export { isValidDigest, isValidTag } from './grammar';
export { parseDockerConfig } from './dockerConfig';
export type { DockerConfig } from './dockerConfig';
export { RegistryError } from './errors';
export type { RegistryErrorCategory, RegistryErrorOptions } from './errors';
export { registryLimits } from './limits';
export type { RegistryLimits } from './limits';
export type { RegistryClient, RegistryRequestOptions } from './RegistryClient';
export { DEFAULT_CONCURRENCY, HttpRegistryClient } from './HttpRegistryClient';
export type { HttpRegistryClientOptions } from './HttpRegistryClient';
