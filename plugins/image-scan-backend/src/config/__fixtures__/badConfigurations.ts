import type { JsonObject, JsonValue } from '@backstage/types';

/** A wrong `imageScan` configuration and the one thing that is said of it. */
export interface BadConfiguration {
  name: string;
  imageScan: JsonValue;
  /** The whole line: key, reason and what is allowed. */
  message: string;
}

const REPO = 'https://git.example.com/org/repo';
const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const UNSET =
  'if it comes from an environment variable, that variable is not set';

const SPEC_KEYS =
  'repo, branch, paths, bundles, imageScanInterval, imageScanCommit, imageScanWindow, clientSecretName, paused';
const SECRET_KEYS =
  'name, username, password, dockerConfigJson, sshPrivateKey, passphrase, gitRepos';
const REGISTRY_KEYS =
  'host, insecure, ca, username, password, gitRepos, concurrency, timeout';
const FLEETS = ", and Fleet's own, which are ignored";

function shape(
  name: string,
  imageScan: JsonValue,
  message: string,
): BadConfiguration {
  return { name, imageScan, message };
}

/** A GitRepo that is fine but for some fields of its spec. */
function spec(
  name: string,
  fields: JsonObject,
  message: string,
): BadConfiguration {
  return shape(
    name,
    {
      gitRepos: [
        { metadata: { name: 'app' }, spec: { repo: REPO, ...fields } },
      ],
    },
    `imageScan.gitRepos[0]: GitRepo app: ${message}`,
  );
}

function manifest(
  name: string,
  value: JsonValue,
  message: string,
): BadConfiguration {
  return shape(
    name,
    { gitRepos: [value] },
    `imageScan.gitRepos[0]: ${message}`,
  );
}

function secret(
  name: string,
  fields: JsonValue,
  message: string,
): BadConfiguration {
  return shape(name, { secrets: [fields] }, `imageScan.secrets[0]${message}`);
}

function registry(
  name: string,
  fields: JsonValue,
  message: string,
): BadConfiguration {
  return shape(
    name,
    { registries: [fields] },
    `imageScan.registries[0]${message}`,
  );
}

const git = { name: 'git', username: 'git', password: 'geheim' };

/** A GitRepo whose commits are signed, beside a secret for git. */
function signed(name: string, signingSecretName: string, message: string) {
  return shape(
    name,
    {
      gitRepos: [
        {
          metadata: { name: 'app' },
          spec: { repo: REPO, imageScanCommit: { signingSecretName } },
        },
      ],
      secrets: [git],
    },
    `imageScan.gitRepos (app): spec.imageScanCommit.signingSecretName ${message}`,
  );
}

const listOf = (entry: string) =>
  `must be a list: begin each entry with a dash, as in "- ${entry}`;
const HOST_ERROR =
  'must be a host or host:port, without scheme, user, path or wildcard, such as harbor.example.com:8443';
const PEM_ERROR =
  'must be a certificate in PEM form; read it from a file with ca: {$file: ./ca.pem}';
const PLACES_ERROR = 'must be a whole number from 1 to 64';
const TEXT_ERROR = 'must be text; write it in quotes';

const lists: BadConfiguration[] = [
  ...[[[]], ['gitRepos']].map(value =>
    shape(
      `${JSON.stringify(value)} as imageScan`,
      value,
      'imageScan: must be a map, such as {gitRepos: [], secrets: [], registries: []}',
    ),
  ),
  ...['gitrepos', 'gitRepo', 'git', 'repos', 'enabled'].map(key =>
    shape(
      `the key ${key}`,
      { [key]: [] },
      `imageScan.${key}: is unknown; allowed here: gitRepos, secrets, registries, gitHosts`,
    ),
  ),
  ...[{}, { app: { spec: { repo: REPO } } }, 'app', true].map(value =>
    shape(
      `${JSON.stringify(value)} as gitRepos`,
      { gitRepos: value },
      `imageScan.gitRepos: ${listOf(
        'metadata: {name: NAME}", with spec: {repo: URL} below it',
      )}`,
    ),
  ),
  shape(
    'secrets by name',
    { secrets: { git: { username: 'git', password: 'geheim' } } },
    `imageScan.secrets: ${listOf('name: NAME"')}`,
  ),
  shape(
    'a text as secrets',
    { secrets: 'x' },
    `imageScan.secrets: ${listOf('name: NAME"')}`,
  ),
  shape(
    'registries by host',
    { registries: { 'a.corp': { insecure: true } } },
    `imageScan.registries: ${listOf('host: HOST"')}`,
  ),
  shape(
    'git hosts by name',
    { gitHosts: { 'a.corp': { timeout: '5m' } } },
    `imageScan.gitHosts: ${listOf('host: HOST"')}`,
  ),
];

const manifests: BadConfiguration[] = [
  manifest(
    'a text as GitRepo',
    './gitrepo.yaml',
    'GitRepo without a name: the manifest must be a map, such as {metadata: {name: NAME}, spec: {repo: URL}}',
  ),
  manifest(
    'a list as GitRepo',
    [{ metadata: { name: 'app' }, spec: { repo: REPO } }],
    'GitRepo without a name: the manifest must be a map, such as {metadata: {name: NAME}, spec: {repo: URL}}',
  ),
  manifest(
    'no metadata',
    { spec: { repo: REPO } },
    'GitRepo without a name: metadata.name is missing; write metadata: {name: NAME}',
  ),
  manifest(
    'no spec',
    { metadata: { name: 'app' } },
    'GitRepo app: spec.repo is missing; write the https URL of the repository',
  ),
  manifest(
    'a text as metadata',
    { metadata: 'app', spec: { repo: REPO } },
    'GitRepo without a name: metadata must be a map, such as metadata: {name: NAME}',
  ),
  manifest(
    'a URL as spec',
    { metadata: { name: 'app' }, spec: REPO },
    'GitRepo app: spec must be a map, such as spec: {repo: URL}',
  ),
  manifest(
    'a name at the top',
    { name: 'app', spec: { repo: REPO } },
    `GitRepo without a name: name is unknown; it belongs under metadata; allowed here: metadata, spec${FLEETS}`,
  ),
  manifest(
    'a URL at the top',
    { metadata: { name: 'app' }, repo: REPO },
    `GitRepo app: repo is unknown; it belongs under spec; allowed here: metadata, spec${FLEETS}`,
  ),
  manifest(
    'a misspelt metadata',
    { metdata: { name: 'app' }, spec: { repo: REPO } },
    `GitRepo without a name: metdata is unknown; is metadata meant? allowed here: metadata, spec${FLEETS}`,
  ),
  manifest(
    'a number as name',
    { metadata: { name: 5 }, spec: { repo: REPO } },
    'GitRepo without a name: metadata.name must be a text, in quotes if it looks like a number',
  ),
  manifest(
    'an empty name',
    { metadata: { name: '' }, spec: { repo: REPO } },
    'GitRepo without a name: metadata.name is missing; write metadata: {name: NAME}',
  ),
  manifest(
    'a name that Kubernetes refuses',
    { metadata: { name: 'My_App' }, spec: { repo: REPO } },
    'GitRepo My_App: metadata.name "My_App" is not allowed; write up to 253 lower-case letters, digits, - and .',
  ),
  manifest(
    'a namespace in the name',
    { metadata: { name: 'fleet-local/app' }, spec: { repo: REPO } },
    'GitRepo fleet-local/app: metadata.name "fleet-local/app" is not allowed; write up to 253 lower-case letters, digits, - and .',
  ),
  manifest(
    'a key that no database takes',
    {
      metadata: { name: 'n'.repeat(253), namespace: 's'.repeat(63) },
      spec: { repo: REPO },
    },
    'metadata: namespace and name have 317 characters together; at most 255 are allowed',
  ),
  manifest(
    'another kind',
    { kind: 'gitrepo', metadata: { name: 'app' }, spec: { repo: REPO } },
    'GitRepo app: kind is "gitrepo" and must be GitRepo',
  ),
  manifest(
    'another apiVersion',
    { apiVersion: 'v1', metadata: { name: 'app' }, spec: { repo: REPO } },
    'GitRepo app: apiVersion is "v1" and must be fleet.cattle.io/v1alpha1',
  ),
  shape(
    'two git repos of one name',
    {
      gitRepos: [
        { metadata: { name: 'app' }, spec: { repo: REPO } },
        { metadata: { name: 'app' }, spec: { repo: REPO } },
      ],
    },
    'imageScan.gitRepos: app is there more than once',
  ),
];

const specs: BadConfiguration[] = [
  spec(
    'a misspelt interval',
    { imageScanIntervall: '5m' },
    `spec.imageScanIntervall is unknown; is imageScanInterval meant? allowed here: ${SPEC_KEYS}${FLEETS}`,
  ),
  spec(
    'a key of nobody',
    { schedule: '5m' },
    `spec.schedule is unknown; allowed here: ${SPEC_KEYS}${FLEETS}`,
  ),
  spec(
    'an author at the wrong place',
    { authorName: 'me' },
    `spec.authorName is unknown; it belongs under spec.imageScanCommit; allowed here: ${SPEC_KEYS}${FLEETS}`,
  ),
  spec(
    'a secretRef for git',
    { secretRef: { name: 'git' } },
    `spec.secretRef is unknown; allowed here: ${SPEC_KEYS}${FLEETS}`,
  ),
  ...[
    [5, 'must be a text, such as "5m"'],
    [
      '5',
      '"5" is not a duration: a number needs a unit, such as 5m for minutes or 5s for seconds',
    ],
    [
      '1d',
      '"1d" is not a duration: there are no days, weeks or years; write hours, such as 24h',
    ],
    ...['-5m', '5min', 'PT5M', '5 m', 'soon', '*/5 * * * *'].map(text => [
      text,
      `${JSON.stringify(
        text,
      )} is not a duration: write numbers with the units h, m, s, ms, us or ns, such as 5m or 1h30m`,
    ]),
    [{ minutes: 5 }, 'must be a text, such as "5m"'],
  ].map(([value, reason]) =>
    spec(
      `the interval ${JSON.stringify(value)}`,
      { imageScanInterval: value },
      `spec.imageScanInterval ${reason}`,
    ),
  ),
  ...['true', 'yes', 1].map(value =>
    spec(
      `paused: ${JSON.stringify(value)}`,
      { paused: value },
      'spec.paused must be true or false, without quotes',
    ),
  ),
  spec(
    'a text as paths',
    { paths: 'apps' },
    'spec.paths must be a list of folders, such as [apps/redis]',
  ),
  spec(
    'a number as path',
    { paths: [1] },
    'spec.paths[0] must be a folder such as apps/redis, in quotes if it looks like a number',
  ),
  spec(
    'a pattern that is none as path',
    { paths: ['apps', 'apps/[a-'] },
    'spec.paths[1] "apps/[a-" is not allowed: it is no pattern: the class that begins with [ is not complete',
  ),
  spec(
    'folders with backslashes',
    { paths: ['apps\\web'] },
    'spec.paths[0] "apps\\web" is not allowed: it is no pattern: write / between folders, not a backslash',
  ),
  spec(
    'a text as bundles',
    { bundles: 'apps' },
    'spec.bundles must be a list of maps, such as [{base: apps/redis, options: dev.yaml}]',
  ),
  spec(
    'a folder as bundle',
    { bundles: ['apps'] },
    'spec.bundles[0] must be a map, such as {base: apps/redis, options: dev.yaml}',
  ),
  spec(
    'a list as options of a bundle',
    { bundles: [{ base: 'apps', options: ['dev.yaml'] }] },
    'spec.bundles[0].options must be a text, in quotes if it looks like a number',
  ),
  spec(
    'an unknown key of a bundle',
    { bundles: [{ base: 'apps', option: 'dev.yaml' }] },
    'spec.bundles[0].option is unknown; is options meant? allowed here: base, options',
  ),
  spec(
    'a path out of the repository',
    { paths: ['../x'] },
    'spec.paths[0] "../x" is not allowed: .. is not allowed; name a folder from the root',
  ),
  spec(
    'a number as branch',
    { branch: 1.2 },
    'spec.branch must be a text, in quotes if it looks like a number',
  ),
  spec(
    'a ref as branch',
    { branch: 'refs/heads/main' },
    'spec.branch "refs/heads/main" is not the name of a branch; write it without refs/heads/',
  ),
  spec(
    'no URL',
    { repo: null },
    'spec.repo is missing; write the https URL of the repository',
  ),
  spec(
    'a list of URLs',
    { repo: [REPO] },
    'spec.repo must be a text, in quotes if it looks like a number',
  ),
  spec(
    'a URL of ssh',
    { repo: 'git@github.com:org/repo.git' },
    'spec.repo is an ssh URL, and git is only spoken over https here; write its https form, mostly https://github.com/org/repo.git',
  ),
  spec(
    'a URL with credentials',
    { repo: 'https://me:geheim@git.example.com/org/repo' },
    'spec.repo holds credentials; write https://git.example.com/org/repo and put them into a secret that clientSecretName names',
  ),
  spec(
    'no scheme',
    { repo: 'github.com/org/repo' },
    'spec.repo is not a URL; write it as https://host/org/repo',
  ),
  spec(
    'a text as imageScanCommit',
    { imageScanCommit: 'update' },
    'spec.imageScanCommit must be a map, such as imageScanCommit: {authorName: NAME, authorEmail: ADDRESS}',
  ),
  spec(
    'a misspelt author',
    { imageScanCommit: { authorname: 'me' } },
    'spec.imageScanCommit.authorname is unknown; is authorName meant? allowed here: authorName, authorEmail, messageTemplate, signingSecretName',
  ),
  spec(
    'an author with an address',
    { imageScanCommit: { authorName: 'Me <me@example.com>' } },
    'spec.imageScanCommit.authorName must not have <, > or a line break, which git does not allow',
  ),
  shape(
    'an unknown variable',
    {
      gitRepos: [
        {
          metadata: { name: 'app' },
          spec: {
            repo: REPO,
            imageScanCommit: { messageTemplate: '{{ image }}' },
          },
        },
      ],
    },
    'imageScan.gitRepos[0]: spec.imageScanCommit.messageTemplate: {{ image }} is not a variable of a commit message; known: gitRepo, branch, count, scans, images, changes',
  ),
  shape(
    'a secret that is not there',
    {
      gitRepos: [
        {
          metadata: { name: 'app' },
          spec: { repo: REPO, clientSecretName: 'gti' },
        },
      ],
      secrets: [git],
    },
    'imageScan.gitRepos (app): spec.clientSecretName is gti, which no entry of imageScan.secrets has; known: git',
  ),
  shape(
    'a secret for registries',
    {
      gitRepos: [
        {
          metadata: { name: 'app' },
          spec: { repo: REPO, clientSecretName: 'hub' },
        },
      ],
      secrets: [{ name: 'hub', dockerConfigJson: '{"auths":{"a.corp":{}}}' }],
    },
    'imageScan.gitRepos (app): spec.clientSecretName is hub, a secret with dockerConfigJson; git needs one with username and password',
  ),
  signed(
    'a secret to sign with that there is not',
    'x',
    'is x, which no entry of imageScan.secrets has; known: git',
  ),
  signed(
    'a secret for git to sign with',
    'git',
    'is git, a secret without sshPrivateKey; commits are signed with one that has it',
  ),
];

const secrets: BadConfiguration[] = [
  secret(
    'a text as secret',
    'git',
    ': must be a map, such as {name: NAME, username: USER, password: PASSWORD}',
  ),
  secret(
    'no secret behind a dash',
    null,
    ': must be a map, such as {name: NAME, username: USER, password: PASSWORD}',
  ),
  secret(
    'a misspelt key',
    { ...git, pasword: 'geheim' },
    `.pasword: is unknown; allowed here: ${SECRET_KEYS}`,
  ),
  secret(
    'the key of Kubernetes',
    { name: 'hub', '.dockerconfigjson': '{}' },
    `..dockerconfigjson: is unknown; allowed here: ${SECRET_KEYS}`,
  ),
  secret(
    'no name',
    { username: 'git', password: 'geheim' },
    `.name: the name is missing; ${UNSET}`,
  ),
  secret('a number as name', { ...git, name: 1 }, `.name: ${TEXT_ERROR}`),
  secret(
    'a number as password',
    { ...git, password: 12345 },
    `.password: ${TEXT_ERROR}`,
  ),
  secret(
    'a password that is unset',
    { name: 'git', username: 'git' },
    ` (git): has no password; ${UNSET}`,
  ),
  secret(
    'an empty password',
    { ...git, password: '' },
    ` (git): has no password; ${UNSET}`,
  ),
  secret(
    'a user name that is unset',
    { name: 'git', username: '', password: 'geheim' },
    ` (git): has no username; ${UNSET}`,
  ),
  secret(
    'nothing but a name',
    { name: 'git' },
    ` (git): has no value: give username and password, dockerConfigJson, or sshPrivateKey; ${UNSET}`,
  ),
  secret(
    'both kinds in one',
    { ...git, dockerConfigJson: '{"auths":{"a.corp":{}}}' },
    ' (git): has dockerConfigJson beside username or password; one secret is for registries (dockerConfigJson) or for git (username and password), not both',
  ),
  secret(
    'a key to sign with that is none',
    { name: 'key', sshPrivateKey: 'geheim' },
    ' (key): sshPrivateKey is no private key; it begins with -----BEGIN OPENSSH PRIVATE KEY----- or -----BEGIN PRIVATE KEY-----',
  ),
  secret(
    'a key to sign with that is unset',
    { name: 'key', passphrase: 'geheim' },
    ` (key): has no sshPrivateKey; ${UNSET}`,
  ),
  secret(
    'a key beside a password',
    { ...git, sshPrivateKey: 'geheim' },
    ' (git): has username, password beside sshPrivateKey or passphrase; one secret is for registries, for git or to sign commits (sshPrivateKey and passphrase), not for two of them',
  ),
  secret(
    'a map as dockerConfigJson',
    { name: 'hub', dockerConfigJson: { auths: {} } },
    '.dockerConfigJson: must be the JSON as text, not as a map; read it with $file or from an environment variable, or write it in quotes',
  ),
  secret(
    'an empty dockerConfigJson',
    { name: 'hub', dockerConfigJson: ' ' },
    ` (hub): has an empty dockerConfigJson; ${UNSET}`,
  ),
  secret(
    'dockerConfigJson in base64',
    { name: 'hub', dockerConfigJson: 'eyJhdXRocyI6e319Cg==' },
    ' (hub): has a dockerConfigJson that is no JSON and looks like base64; decode it first, as with kubectl … | base64 -d',
  ),
  secret(
    'dockerConfigJson that is no JSON',
    { name: 'hub', dockerConfigJson: '{"auths": {' },
    ' (hub): The docker config is not a JSON object',
  ),
  secret(
    'a password as dockerConfigJson',
    { name: 'hub', dockerConfigJson: 'top-geheim' },
    ' (hub): The docker config is not a JSON object',
  ),
  secret(
    'dockerConfigJson without a registry',
    { name: 'hub', dockerConfigJson: '{"credsStore":"desktop"}' },
    ' (hub): has a dockerConfigJson without a registry; write {"auths": {"HOST": {"username": USER, "password": PASSWORD}}}',
  ),
  secret(
    'a list as auths',
    { name: 'hub', dockerConfigJson: '{"auths":[]}' },
    ' (hub): The "auths" of the docker config is not an object',
  ),
  secret(
    'a text as gitRepos',
    { ...git, gitRepos: 'app' },
    '.gitRepos: must be a list of names of git repos, such as [my-repo]',
  ),
  secret(
    'gitRepos of a git secret',
    { ...git, gitRepos: [] },
    ' (git): has gitRepos, which only a dockerConfigJson secret may have; a git secret goes to the host of the GitRepo that names it',
  ),
  secret(
    'an unknown git repo',
    {
      name: 'hub',
      dockerConfigJson: '{"auths":{"a.corp":{}}}',
      gitRepos: ['app'],
    },
    ' (hub): gitRepos names app, which no entry of imageScan.gitRepos has; known: none',
  ),
  shape(
    'a git repo that is not the one there is',
    {
      gitRepos: [{ metadata: { name: 'app' }, spec: { repo: REPO } }],
      secrets: [
        {
          name: 'hub',
          dockerConfigJson: '{"auths":{"a.corp":{}}}',
          gitRepos: ['other'],
        },
      ],
    },
    'imageScan.secrets[0] (hub): gitRepos names other, which no entry of imageScan.gitRepos has; known: app',
  ),
  shape(
    'gitRepos that a git secret could be limited to',
    {
      gitRepos: [{ metadata: { name: 'app' }, spec: { repo: REPO } }],
      secrets: [{ ...git, gitRepos: ['app'] }],
    },
    'imageScan.secrets[0] (git): has gitRepos, which only a dockerConfigJson secret may have; a git secret goes to the host of the GitRepo that names it',
  ),
  shape(
    'two secrets of one name',
    { secrets: [git, git] },
    'imageScan.secrets: git is there more than once',
  ),
];

const registries: BadConfiguration[] = [
  registry(
    'a text as registry',
    'a.corp',
    ': must be a map, such as {host: HOST}',
  ),
  registry(
    'no host',
    { insecure: true },
    `.host: the host is missing; ${UNSET}`,
  ),
  registry('an empty host', { host: '' }, `.host: the host is empty; ${UNSET}`),
  ...[
    ...['https://a.corp', 'a.corp/', 'a.corp/team', 'me@a.corp', '*.corp'],
    ...['a corp', 'a.corp:', 'a.corp:0', 'a.corp:99999', 'a.corp:http', '-a'],
  ].map(host => registry(`the host ${host}`, { host }, `.host: ${HOST_ERROR}`)),
  registry('a number as host', { host: 5000 }, `.host: ${TEXT_ERROR}`),
  registry(
    'a misspelt key',
    { host: 'a.corp', insecureSkipVerify: true },
    `.insecureSkipVerify: is unknown; allowed here: ${REGISTRY_KEYS}`,
  ),
  registry(
    'a text as insecure',
    { host: 'a.corp', insecure: 'true' },
    '.insecure: must be true or false, without quotes',
  ),
  registry(
    'a path as ca',
    { host: 'a.corp', ca: './ca.pem' },
    `.ca: ${PEM_ERROR}`,
  ),
  registry('a map as ca', { host: 'a.corp', ca: {} }, `.ca: ${PEM_ERROR}`),
  registry(
    'a certificate for plain http',
    { host: 'a.corp', ca: CA, insecure: true },
    ' (a.corp): has a ca but is insecure: plain http has no certificates',
  ),
  ...[0, 65, 1000, 1.5, '8', -1].map(concurrency =>
    registry(
      `the concurrency ${JSON.stringify(concurrency)}`,
      { host: 'a.corp', concurrency },
      `.concurrency: ${PLACES_ERROR}`,
    ),
  ),
  ...['0', '999ms', '61m', '2562047h'].map(timeout =>
    registry(
      `the timeout ${timeout}`,
      { host: 'a.corp', timeout },
      ' (a.corp): timeout: must be from 1s to 1h',
    ),
  ),
  registry(
    'a timeout without a unit',
    { host: 'a.corp', timeout: '90' },
    ' (a.corp): timeout: "90" is not a duration: a number needs a unit, such as 90m for minutes or 90s for seconds',
  ),
  registry(
    'a timeout of days',
    { host: 'a.corp', timeout: '1d' },
    ' (a.corp): timeout: "1d" is not a duration: there are no days, weeks or years; write hours, such as 24h',
  ),
  registry(
    'a number as timeout',
    { host: 'a.corp', timeout: 90 },
    '.timeout: must be text; write it in quotes',
  ),
  registry(
    'a password that is unset',
    { host: 'a.corp', username: 'me' },
    ` (a.corp): has no password; ${UNSET}`,
  ),
  registry(
    'an empty password of a registry',
    { host: 'a.corp', username: 'me', password: '' },
    ` (a.corp): has no password; ${UNSET}`,
  ),
  registry(
    'gitRepos without credentials',
    { host: 'a.corp', gitRepos: [] },
    ' (a.corp): has gitRepos but no username and password whose use they could limit',
  ),
  shape(
    'one registry twice',
    { registries: [{ host: 'docker.io' }, { host: 'index.docker.io' }] },
    'imageScan.registries: registry-1.docker.io is there more than once',
  ),
];

const gitHosts: BadConfiguration[] = (
  [
    [
      'a text as git host',
      'a.corp',
      ': must be a map, such as {host: HOST, timeout: 5m}',
    ],
    [
      'a git host without a name',
      { timeout: '5m' },
      `.host: the host is missing; ${UNSET}`,
    ],
    [
      'a URL as git host',
      { host: 'https://a.corp', timeout: '5m' },
      `.host: ${HOST_ERROR}`,
    ],
    [
      'a git host without a timeout',
      { host: 'a.corp' },
      `.timeout: the timeout is missing; ${UNSET}`,
    ],
    [
      'a number as timeout of a git host',
      { host: 'a.corp', timeout: 90 },
      '.timeout: must be text; write it in quotes',
    ],
    [
      'a timeout of a git host without a unit',
      { host: 'a.corp', timeout: '90' },
      ' (a.corp): timeout: "90" is not a duration: a number needs a unit, such as 90m for minutes or 90s for seconds',
    ],
    [
      'a git host with no time',
      { host: 'a.corp', timeout: '0s' },
      ' (a.corp): timeout: must be from 1s to 1h',
    ],
    [
      'a git host with a day',
      { host: 'a.corp', timeout: '24h' },
      ' (a.corp): timeout: must be from 1s to 1h',
    ],
    [
      'a private git host',
      { host: 'a.corp', timeout: '5m', insecure: true },
      '.insecure: is unknown; allowed here: host, timeout',
    ],
  ] as const
).map(([name, fields, message]) =>
  shape(name, { gitHosts: [fields] }, `imageScan.gitHosts[0]${message}`),
);
gitHosts.push(
  shape(
    'one git host twice',
    {
      gitHosts: [
        { host: 'a.corp', timeout: '5m' },
        { host: 'A.corp:443', timeout: '5m' },
      ],
    },
    'imageScan.gitHosts: a.corp is there more than once',
  ),
);

/** Every wrong shape that a person could plausibly write. */
export const badConfigurations: readonly BadConfiguration[] = [
  ...lists,
  ...manifests,
  ...specs,
  ...secrets,
  ...registries,
  ...gitHosts,
];
