import { inflateSync } from 'node:zlib';
import { InputError } from '@backstage/errors';
import { commit } from 'isomorphic-git';
import { CapturingFileSystem } from './CapturingFileSystem';
import type { GitCommitRequest } from './GitRemote';
import { toObject } from './objects';
import type { CommitSigner } from './signing/CommitSigner';
import type { GitObject } from './objects';

/** What isomorphic-git is told; none of it exists. */
const GITDIR = '/repository';
const REF = 'refs/heads/branch';

/**
 * The object of a new commit, made by isomorphic-git: the same request and time give
 * the same object, where the signature is the same.
 *
 * @throws InputError for what git could not hold
 */
export async function toCommit(
  request: GitCommitRequest,
  tree: string,
  parent: string,
  signer?: CommitSigner,
): Promise<GitObject> {
  checkRequest(request);
  const { author, message, time = new Date() } = request;
  const fs = new CapturingFileSystem();
  await commit({
    fs,
    gitdir: GITDIR,
    // Without them it would look for what the branch stands at, and move it.
    ref: REF,
    noUpdateBranch: true,
    tree,
    parent: [parent],
    author: {
      name: author.name.trim(),
      email: author.email.trim(),
      timestamp: Math.floor(time.getTime() / 1000),
      timezoneOffset: 0,
    },
    message: hideLineBreaks(message.replace(/\n$/, '')),
    ...(signer ? signWith(signer) : {}),
  });
  return toObject('commit', showLineBreaks(writtenObject(fs)));
}

/** It signs only where it is given a key, which is ours to keep. */
function signWith(signer: CommitSigner) {
  return {
    signingKey: signer.fingerprint,
    onSign: async ({ payload }: { payload: string }) => ({
      signature: await signer.sign(showLineBreaks(Buffer.from(payload))),
    }),
  };
}

function checkRequest({ author, message }: GitCommitRequest): void {
  const broken = /[\p{Cc}<>]/u;
  if (!author.name.trim() || broken.test(author.name)) {
    throw new InputError(
      `The author name ${JSON.stringify(
        author.name,
      )} of the commit is empty or holds < > or control characters`,
    );
  }
  if (broken.test(author.email)) {
    throw new InputError(
      `The author email ${JSON.stringify(
        author.email,
      )} of the commit holds < > or control characters`,
    );
  }
  if (!message.trim() || message.includes('\0')) {
    throw new InputError(
      'The message of the commit is empty or holds a NUL character',
    );
  }
}

// isomorphic-git tidies the line breaks of a message, and takes a line that begins
// with `gpgsig` for a signature. A message is written as it is, so it passes as one
// line; NUL marks the places, because no message can hold it.
const HIDDEN = new Map([
  ['\n', '\0n'],
  ['\r', '\0r'],
]);
const SHOWN = new Map([...HIDDEN].map(([shown, hidden]) => [hidden, shown]));

function hideLineBreaks(text: string): string {
  return text.replace(/[\r\n]/g, found => HIDDEN.get(found) ?? found);
}

function showLineBreaks(commitObject: Buffer): Buffer {
  const text = commitObject.toString();
  return Buffer.from(
    text.replace(/\0[rn]/g, found => SHOWN.get(found) ?? found),
  );
}

/** The content of the one object that was written, without its header. */
function writtenObject({ written }: CapturingFileSystem): Buffer {
  const [deflated, ...others] = written.values();
  if (!deflated || others.length > 0) {
    throw new Error(
      `isomorphic-git wrote ${written.size} files in place of one commit`,
    );
  }
  const object = inflateSync(deflated);
  return object.subarray(object.indexOf(0) + 1);
}
