/** Signs commits, as the author's key does. @public */
export interface CommitSigner {
  /** Of the key, as `ssh-keygen -l` shows it: `SHA256:…`. */
  readonly fingerprint: string;
  /** In one line, as `authorized_keys` and a file of allowed signers have it. */
  readonly publicKey: string;
  /**
   * The armour over the bytes of a commit without its signature. ed25519 and RSA give the
   * same one each time, ECDSA another.
   */
  sign(commit: Buffer): Promise<string>;
}
