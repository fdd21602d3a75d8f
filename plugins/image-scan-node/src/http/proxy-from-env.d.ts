// The package has no types of its own.
declare module 'proxy-from-env' {
  /** URL of the proxy for a URL by `*_PROXY` and `NO_PROXY`; empty without one. */
  export function getProxyForUrl(url: string): string;
}
