/**
 * A thread for one piece of work with isomorphic-git, which would hold the event loop of
 * the process for seconds. An entry point of the package, so that it is there once the
 * package is built; nothing to import.
 *
 * @packageDocumentation
 */
import { runWorker } from './git/workTree/runWorker';

runWorker();
