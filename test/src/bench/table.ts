import { availableParallelism, cpus } from 'node:os';
import type { BenchResult } from './Bench';

const COLUMNS = [
  'path',
  'ours',
  'beside',
  'theirs',
  'ratio',
  'target',
  'met',
] as const;

/** The results as a Markdown table. */
export function formatTable(results: readonly BenchResult[]): string {
  const rows = [
    [...COLUMNS],
    COLUMNS.map(() => '---'),
    ...results.map(formatResult),
  ];
  return rows.map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/** What the figures were measured on: `2 cores of …, Node.js v20.20.2`. */
export function describeMachine(): string {
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() || 'an unknown processor';
  const plural = cores === 1 ? 'core' : 'cores';
  return `${cores} ${plural} of ${model}, Node.js ${process.version}`;
}

function formatResult(result: BenchResult): string[] {
  const { path, figure, peer, peerFigure, ratio, target, met } = result;
  return [
    path,
    figure,
    peer ?? '',
    peerFigure ?? '',
    ratio === undefined ? '' : formatRatio(ratio),
    target ?? '',
    met === undefined ? '' : formatMet(met),
  ].map(cell => cell.replaceAll('|', '\\|'));
}

function formatRatio(ratio: number): string {
  return ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

function formatMet(met: boolean): string {
  return met ? 'yes' : '**no**';
}
