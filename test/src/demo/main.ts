/*
 * What `npm start` runs: a sample registry and a git server with two sample
 * repositories in this process, and the backend and the app from `dev/` beside
 * it, with the app-config.yaml of this repository. Everything listens on this
 * machine only and ends with this process.
 */
import { interruption } from '../run/interruption';
import { runDemo, startPackage } from './runDemo';

/** npm runs the scripts of the root there. */
const root = process.cwd();

const interrupt = interruption();

runDemo(
  root,
  async () => startPackage(root, 'backstage-plugin-image-scan'),
  interrupt,
).catch(error => {
  if (!interrupt.aborted) {
    console.error(`${error}`);
    process.exitCode = 1;
  }
});
