import {
  BrokenAnswerError,
  RemoteFailureError,
  UnsupportedRepositoryError,
} from './errors';
import { cutShort, lineText, readPackets } from './pktLine';

/** What a remote says it has. */
export interface RemoteRefs {
  /** Object names of commits (and tags) by full name, such as `refs/heads/main`. */
  refs: Map<string, string>;
  /** The full name that HEAD stands for. */
  headTarget?: string;
}

/** What a service says before it is asked anything. */
export interface Advertisement extends RemoteRefs {
  /** 2 names capabilities only, and no refs. */
  protocol: 0 | 2;
  capabilities: Set<string>;
}

/**
 * Reads the answer to GET info/refs.
 *
 * @param remote - names the remote in errors
 * @param clean - makes the server's own words fit to be shown
 */
export function parseAdvertisement(
  answer: Buffer,
  remote: string,
  clean: (text: string) => string,
): Advertisement {
  const lines: string[] = [];
  let afterService = false;
  let complete = false;
  for (const next of readPackets(answer, remote)) {
    complete = next.kind === 'flush' && !afterService;
    if (next.kind === 'data') {
      const line = lineText(next.data);
      throwRemoteError(line, remote, clean);
      // The line that names the service has a flush of its own, which is not
      // the end: what is cut off there would look like an empty repository.
      afterService = line.startsWith('# service=');
      if (!afterService && line !== 'version 1') {
        lines.push(line);
      }
    } else {
      afterService = false;
    }
  }
  if (!complete) {
    throw cutShort(remote);
  }
  const advertisement =
    lines[0] === 'version 2' ? readVersion2(lines) : readVersion0(lines);
  const { capabilities } = advertisement;
  const format = [...capabilities]
    .find(capability => capability.startsWith('object-format='))
    ?.slice('object-format='.length);
  if (format && format !== 'sha1') {
    throw unsupportedFormat(remote);
  }
  checkObjectNames(advertisement.refs, remote);
  return advertisement;
}

function readVersion2(lines: readonly string[]): Advertisement {
  return {
    protocol: 2,
    capabilities: new Set(lines.slice(1)),
    refs: new Map(),
  };
}

function readVersion0(lines: readonly string[]): Advertisement {
  // An empty repository has no line, or one that holds its capabilities.
  const [first, capabilityList = ''] = (lines[0] ?? '').split('\0');
  const capabilities = new Set(capabilityList.split(' ').filter(Boolean));
  const refs = new Map<string, string>();
  for (const line of [first, ...lines.slice(1)]) {
    const space = line.indexOf(' ');
    const name = line.slice(space + 1);
    if (line && name !== 'capabilities^{}' && !line.startsWith('shallow ')) {
      refs.set(name, line.slice(0, space));
    }
  }
  const headTarget = [...capabilities]
    .find(capability => capability.startsWith('symref=HEAD:'))
    ?.slice('symref=HEAD:'.length);
  return { protocol: 0, capabilities, refs, headTarget };
}

/** Reads the answer to the command ls-refs of protocol 2. */
export function parseLsRefs(
  answer: Buffer,
  remote: string,
  clean: (text: string) => string,
): RemoteRefs {
  const refs = new Map<string, string>();
  let headTarget: string | undefined;
  let complete = false;
  for (const next of readPackets(answer, remote)) {
    complete = next.kind === 'flush';
    if (next.kind === 'data') {
      const line = lineText(next.data);
      throwRemoteError(line, remote, clean);
      const [oid, name, ...attributes] = line.split(' ');
      refs.set(name, oid);
      if (name === 'HEAD') {
        headTarget = attributes
          .find(attribute => attribute.startsWith('symref-target:'))
          ?.slice('symref-target:'.length);
      }
    }
  }
  if (!complete) {
    throw cutShort(remote);
  }
  checkObjectNames(refs, remote);
  return { refs, headTarget };
}

/** A line by which a server says why it does not go on. */
export function throwRemoteError(
  line: string,
  remote: string,
  clean: (text: string) => string,
): void {
  if (line.startsWith('ERR ')) {
    throw new RemoteFailureError(
      `${remote} failed: ${clean(line.slice('ERR '.length))}`,
    );
  }
}

function checkObjectNames(refs: Map<string, string>, remote: string): void {
  for (const oid of refs.values()) {
    if (/^[0-9a-f]{64}$/.test(oid)) {
      throw unsupportedFormat(remote);
    }
    if (!/^[0-9a-f]{40}$/.test(oid)) {
      throw new BrokenAnswerError(
        `${remote} gave an answer that is not git's protocol`,
      );
    }
  }
}

function unsupportedFormat(remote: string): UnsupportedRepositoryError {
  return new UnsupportedRepositoryError(
    `${remote} names its objects by SHA-256 (or another format); only SHA-1 repositories can be read and written`,
  );
}
