/**
 * How long the tests that gain by repetition go on: `npm run test:guarantees` takes
 * the time that the promises in README are made on, a run of one file by itself only
 * enough to notice what broke.
 */
export interface GuaranteeScale {
  /** SIGKILLs of the backend, per database. */
  kills: number;
  /** How long other writers race for the branch. */
  raceSeconds: number;
  /** Scans that the replicas share. */
  replicatedScans: number;
  /** Scans under load, most of them at hosts that misbehave. */
  scansUnderLoad: number;
  /** How long each property is fuzzed. */
  fuzzSeconds: number;
}

const short: GuaranteeScale = {
  kills: 5,
  raceSeconds: 8,
  replicatedScans: 200,
  scansUnderLoad: 500,
  fuzzSeconds: 1,
};

const full: GuaranteeScale = {
  kills: 100,
  raceSeconds: 60,
  replicatedScans: 2_000,
  scansUnderLoad: 10_000,
  // A CI makes up the same values each time: more of them find no more.
  fuzzSeconds: process.env.CI ? 3 : 8,
};

/** Set by `npm run test:guarantees`. */
export const isFullRun = process.env.IMAGE_SCAN_GUARANTEES === 'full';

export const guaranteeScale: GuaranteeScale = isFullRun ? full : short;
