import { createCipheriv } from 'node:crypto';
import type { GitFileContent } from '../servers/importOfCommit';

/** The image of all marked manifests. */
export const IMAGE = 'registry.example.com/team/web';

/** What a repository for a benchmark holds. */
export interface RepositorySize {
  /** Manifests. */
  files: number;
  /** How many of them hold a marker. */
  marked: number;
  /** MiB of other files, which no compression makes smaller. */
  otherMegabytes?: number;
}

const FILES_PER_FOLDER = 5;
const FOLDERS_PER_TEAM = 20;

/** Manifests as teams have them: some five in a folder, a kilobyte each. */
export function repositoryFiles({
  files,
  marked,
  otherMegabytes = 0,
}: RepositorySize): Record<string, GitFileContent> {
  const content: Record<string, GitFileContent> = {};
  for (let index = 0; index < files; index += 1) {
    const isMarked = index % Math.floor(files / marked) === 0;
    content[manifestPath(index)] = manifest(index, { isMarked });
  }
  for (let index = 0; index < otherMegabytes; index += 1) {
    content[`data/${index}.bin`] = noise(index);
  }
  return content;
}

/** A MiB that looks random and is the same for the same number. */
function noise(index: number): Buffer {
  const key = Buffer.alloc(16, `${index}`);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  return cipher.update(Buffer.alloc(1024 * 1024));
}

/** Where the manifest of an index lies. */
export function manifestPath(index: number): string {
  const folder = Math.floor(index / FILES_PER_FOLDER);
  const team = Math.floor(folder / FOLDERS_PER_TEAM);
  return `teams/team-${team}/app-${folder}/file-${
    index % FILES_PER_FOLDER
  }.yaml`;
}

/** A manifest; `revision` makes it another one than before. */
export function manifest(
  index: number,
  { isMarked = false, revision = 0 } = {},
): string {
  const marker = isMarked ? ' # {"$imagescan": "web"}' : '';
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  namespace: team-${index % 97}
  labels:
    app.kubernetes.io/name: web-${index}
    app.kubernetes.io/instance: "${(index * 2654435761) % 4294967296}"
  annotations:
    example.com/revision: "${revision}"
    example.com/checksum: ${((index + 1) * 40503 * (revision + 7)).toString(36)}
spec:
  replicas: ${(index % 5) + 1}
  selector:
    matchLabels:
      app.kubernetes.io/name: web-${index}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web-${index}
    spec:
      containers:
        - name: web
          image: ${IMAGE}:1.0.0${marker}
          ports:
            - containerPort: ${8000 + (index % 1000)}
          env:
            - { name: LOG_LEVEL, value: info }
            - { name: SHARD, value: "${index}" }
          resources:
            limits: { cpu: ${100 + (index % 9) * 50}m, memory: 256Mi }
            requests:
              cpu: 100m
              memory: ${64 + (index % 4) * 32}Mi
          readinessProbe:
            httpGet: { path: /healthz, port: ${8000 + (index % 1000)} }
`;
}
