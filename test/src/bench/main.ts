/*
 * What `npm run bench` runs: the hot paths beside what they are held against,
 * in one run, as a table of medians and ratios.
 */
import { chooseTag, rewriteFiles } from './comparisons';
import { measure } from './measure';

async function main(): Promise<void> {
  const lines = [
    '| path | median | beside | median | ratio |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const prepare of [chooseTag, rewriteFiles]) {
    const { name, peer, median, peerMedian } = await measure(prepare());
    const cells = [
      name,
      `${median.toFixed(1)} ms`,
      peer,
      `${peerMedian.toFixed(1)} ms`,
      (median / peerMedian).toFixed(3),
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  console.log(lines.join('\n'));
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
