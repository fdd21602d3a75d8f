export interface Config {
  /** Image Scan: watches registries and writes new image tags to git. */
  imageScan?: {
    /**
     * GitRepo manifests of Rancher Fleet, as they are. The fields that count are
     * `metadata.name`, `metadata.namespace` and in `spec`: `repo`, `branch`,
     * `paths`, `bundles`, `imageScanInterval`, `imageScanCommit`, `imageScanWindow`, `clientSecretName` and
     * `paused`.
     */
    gitRepos?: Array<{
      kind?: string;
      apiVersion?: string;
      metadata: {
        name: string;
        namespace?: string;
        [key: string]: unknown;
      };
      spec: {
        /** URL of the remote: https, without credentials. */
        repo: string;
        /** Default: the remote's default branch, where Fleet takes master. */
        branch?: string;
        /**
         * Folders to read and write, or patterns for them, such as `charts/*`. Default:
         * the whole repository.
         */
        paths?: string[];
        /** Which files define scans in place of every folder's fleet.yaml. */
        bundles?: Array<{ base?: string; options?: string }>;
        /**
         * Go duration between two looks at the remote and the least between two
         * commits. Default: 15m.
         */
        imageScanInterval?: string;
        /** Entry of `imageScan.secrets` with username and password. */
        clientSecretName?: string;
        imageScanCommit?: {
          authorName?: string;
          authorEmail?: string;
          /** Text with variables such as `{{ changes }}`. */
          messageTemplate?: string;
          /** Entry of `imageScan.secrets` with sshPrivateKey. Default: not signed. */
          signingSecretName?: string;
        };
        /** When the automation may write; people always may. */
        imageScanWindow?: {
          /** Such as `Europe/Berlin`. */
          timeZone: string;
          /** Such as `mon-fri 09:00-16:00` or `fri 22:00-02:00`. Default: always. */
          allow?: string[];
          /** The same, or days: `2026-12-20/2027-01-06`. Stronger than `allow`. */
          deny?: string[];
        };
        /** Scan and show, but never write by itself. */
        paused?: boolean;
        [key: string]: unknown;
      };
      [key: string]: unknown;
    }>;

    secrets?: Array<{
      name: string;
      /** With password: for `clientSecretName`. */
      username?: string;
      /** @visibility secret */
      password?: string;
      /**
       * For `secretRef`: goes only to the hosts inside it.
       * @visibility secret
       */
      dockerConfigJson?: string;
      /**
       * For `signingSecretName`: OpenSSH without a passphrase, or PEM. Goes nowhere.
       * @visibility secret
       */
      sshPrivateKey?: string;
      /**
       * Of an sshPrivateKey in PEM.
       * @visibility secret
       */
      passphrase?: string;
      /** Git repos that may name a dockerConfigJson secret. Default: all. */
      gitRepos?: string[];
    }>;

    /** Registries that differ from the defaults, or have a private address. */
    registries?: Array<{
      /** `host` or `host:port`. */
      host: string;
      /** Speak plain http. */
      insecure?: boolean;
      /** Certificate to trust, in PEM form. */
      ca?: string;
      username?: string;
      /** @visibility secret */
      password?: string;
      /** Git repos whose scans may use username and password. Default: all. */
      gitRepos?: string[];
      /** Requests at the same time. Default: 4. */
      concurrency?: number;
      /**
       * Go duration for one whole list of tags, all its pages and waits
       * included, and for one digest; from 1s to 1h. Default: 60s.
       */
      timeout?: string;
    }>;

    /** Hosts of git repos that need more time, or get less, than others. */
    gitHosts?: Array<{
      /** `host` or `host:port`, as in `spec.repo`. */
      host: string;
      /**
       * Go duration for one exchange with the host, such as a fetch or a push
       * with its hooks; from 1s to 1h. Default for hosts that are not listed: 2m.
       */
      timeout: string;
    }>;
  };
}
