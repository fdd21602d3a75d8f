import { TestDatabases } from '@backstage/backend-test-utils';
import { bundleBackend } from '../../integration/bundleBackend';
import { SeededRandom } from './random';
import { CrashScenario } from './scenario';
import { judge } from './verdict';
import { isFullRun, guaranteeScale } from '../guaranteeScale';

jest.setTimeout(isFullRun ? 1_800_000 : 300_000);

const databases = TestDatabases.create();

/** `IMAGE_SCAN_GUARANTEES_SEED` repeats a run, as far as its moments go. */
const seed = Number(process.env.IMAGE_SCAN_GUARANTEES_SEED ?? Date.now() % 1e9);

async function crash(databaseId: string): Promise<string> {
  const scenario = await CrashScenario.start(
    databaseId,
    new SeededRandom(seed),
  );
  try {
    for (let kill = 0; kill < guaranteeScale.kills; kill += 1) {
      await scenario.killOnce();
    }
    await scenario.settle();
    await judge(scenario);
    return [...scenario.kills]
      .map(([moment, count]) => `${count} ${moment}`)
      .join(', ');
  } catch (error) {
    console.error(`${databaseId}, seed ${seed}: ${scenario.backend.output}`);
    throw error;
  } finally {
    await scenario.stop();
  }
}

it('writes each change once, however often it is killed, on each database', async () => {
  await bundleBackend();
  const started = Date.now();
  // Side by side: each of them waits most of the time.
  const results = await Promise.allSettled(
    databases
      .eachSupportedId()
      .map(async ([id]) => `${id}: ${await crash(id)}`),
  );
  const failures = results.flatMap(result =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  const lines = results.flatMap(result =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  const seconds = Math.round((Date.now() - started) / 1_000);
  console.info([`Seed ${seed}, ${seconds} s`, ...lines].join('\n'));
  expect(failures).toEqual([]);
});
