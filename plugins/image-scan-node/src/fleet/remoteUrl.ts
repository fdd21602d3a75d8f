// Not a URL but ssh all the same: `git@host:org/repo`.
const SCP_LIKE = /^(?:[^@/:]+@)?([^@/:]+):(?!\/\/)\/?([^@]+)$/;

/**
 * Says why a text cannot be the `repo` of a GitRepo: an http or https URL without
 * credentials, query or fragment. Repeats nothing that may be a password.
 *
 * @returns undefined where it can
 */
export function explainRemoteUrl(text: string): string | undefined {
  const scp = SCP_LIKE.exec(text);
  if (scp) {
    return useHttps(scp[1], scp[2]);
  }
  if (/\s/.test(text) || !URL.canParse(text)) {
    return 'is not a URL; write it as https://host/org/repo';
  }
  const url = new URL(text);
  if (/^(?:git\+)?ssh:$/.test(url.protocol)) {
    return useHttps(url.hostname, url.pathname.replace(/^\/+/, ''));
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return `begins with ${url.protocol} and must begin with https:// or http://`;
  }
  if (url.username || url.password) {
    return `holds credentials; write https://${url.host}${url.pathname} and put them into a secret that clientSecretName names`;
  }
  if (url.search || url.hash) {
    return 'must not have a query or fragment';
  }
  return undefined;
}

function useHttps(host: string, path: string): string {
  return `is an ssh URL, and git is only spoken over https here; write its https form, mostly https://${host}/${path}`;
}
