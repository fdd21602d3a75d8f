/*
 * Clones a repository into a folder in a process that does nothing else, and prints, as
 * JSON, what that took of its memory, and what was said of it.
 */
import {
  createHttpTransport,
  GitWorkTree,
} from 'backstage-plugin-image-scan-node';
import { bytesOf, forgetHighest } from './memoryOfProcess';

/** What the process is told to do. */
export interface CloneTask {
  host: string;
  warmUp: { url: string; folder: string };
  clone: { url: string; folder: string };
}

/** What it prints. */
export interface CloneFigures {
  bytes: number;
  error?: string;
}

async function main({ host, warmUp, clone }: CloneTask): Promise<void> {
  const transport = createHttpTransport({ hosts: [{ host, insecure: true }] });
  const cloneTo = async ({ url, folder }: CloneTask['clone']) => {
    await GitWorkTree.clone({ folder, remote: { url, transport } });
  };
  // The code is there before anything is measured.
  await cloneTo(warmUp);
  const before = bytesOf(process.pid, 'VmRSS');
  forgetHighest(process.pid);
  const error = await cloneTo(clone).then(
    () => undefined,
    (cause: unknown) => String(cause),
  );
  transport.close();
  const bytes = bytesOf(process.pid, 'VmHWM') - before;
  const figures: CloneFigures = { bytes, error };
  console.log(JSON.stringify(figures));
}

main(JSON.parse(process.argv[2])).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
