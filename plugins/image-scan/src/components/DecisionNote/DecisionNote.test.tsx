import { cleanup, screen } from '@testing-library/react';
import type { Decision, Rollback } from 'backstage-plugin-image-scan-common';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import { decision, minutesFromNow } from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { DecisionNote } from './DecisionNote';

const DAY = 24 * 60;
const NOON = '2026-03-04T12:00:00.000Z';

async function textOf(change: Partial<Decision>): Promise<string> {
  renderPage(
    <p data-testid="note">
      <DecisionNote decision={decision({ time: NOON, ...change })} />
    </p>,
    { api: new MockImageScanApi() },
  );
  return (await screen.findByTestId('note')).textContent ?? '';
}

const [A, B, C] = ['a', 'b', 'c'].map(digit => digit.repeat(40));

function rolledBack(rollback: Partial<Rollback>): Partial<Decision> {
  return {
    kind: 'rollback',
    by: 'git',
    reason: undefined,
    rollback: {
      headAfter: C,
      places: [
        {
          file: 'a.yaml',
          line: 3,
          form: 'image',
          before: 'registry.example.com/shop/web:1.5.0',
          after: 'registry.example.com/shop/web:1.4.2',
        },
      ],
      ...rollback,
    },
  };
}

describe('DecisionNote', () => {
  it.each<[string, Partial<Decision>, string]>([
    ['a hold', {}, 'Held by ada since Mar 4, 2026: breaks checkout'],
    [
      'the hold of a git repo',
      { imageScanId: undefined, reason: undefined },
      'All of shop is held by ada since Mar 4, 2026',
    ],
    [
      'the hold of everything',
      { imageScanId: undefined, gitRepo: undefined, by: 'external:ci' },
      'Everything is held by external:ci since Mar 4, 2026: breaks checkout',
    ],
    [
      'a skip with a date',
      { kind: 'skip', tag: '1.5.0', until: '2027-01-06T12:00:00.000Z' },
      '1.5.0 is skipped by ada since Mar 4, 2026, until Jan 6, 2027: breaks checkout',
    ],
    [
      'a skip that has ended before its date',
      {
        kind: 'skip',
        tag: '1.5.0',
        reason: undefined,
        until: '2027-01-06T12:00:00.000Z',
        ended: { by: 'user:default/ada', time: NOON, how: 'released' },
      },
      '1.5.0 is skipped by ada since Mar 4, 2026',
    ],
    [
      'a choice',
      { kind: 'chosen', tag: '1.2.0', reason: undefined },
      '1.2.0 was chosen by ada (Mar 4, 2026)',
    ],
    [
      'a rollback',
      rolledBack({}),
      'Rolled back from 1.5.0 to 1.4.2 by somebody in git (Mar 4, 2026)',
    ],
    [
      'a rollback whose commit is known',
      rolledBack({
        headBefore: A,
        commit: B,
        author: 'Zoë',
        subject: 'Back',
      }),
      'Rolled back from 1.5.0 to 1.4.2 by Zoë in bbbbbbbb (Mar 4, 2026): Back',
    ],
    [
      'a rollback in a commit without an author',
      rolledBack({ headBefore: A, commit: B }),
      'Rolled back from 1.5.0 to 1.4.2 by somebody in bbbbbbbb (Mar 4, 2026)',
    ],
    [
      'a rollback in one of several commits',
      rolledBack({ headBefore: A }),
      'Rolled back from 1.5.0 to 1.4.2 by somebody in aaaaaaaa..cccccccc (Mar 4, 2026)',
    ],
    [
      'a rollback by a branch that was moved',
      rolledBack({ headBefore: A, isBranchMoved: true }),
      'Rolled back from 1.5.0 to 1.4.2 by somebody who moved the branch (Mar 4, 2026)',
    ],
  ])('tells of %s', async (_name, change, expected) => {
    expect(await textOf(change)).toBe(expected);
  });

  it('links the commit of a rollback, or what compares', async () => {
    const commitUrl = 'https://git.example.com/c/b';
    await textOf(rolledBack({ commit: B, commitUrl }));
    expect(screen.getByRole('link', { name: 'bbbbbbbb' })).toHaveAttribute(
      'href',
      commitUrl,
    );
    cleanup();
    const compareUrl = 'https://git.example.com/compare/a..c';
    await textOf(rolledBack({ headBefore: A, compareUrl }));
    expect(
      screen.getByRole('link', { name: 'aaaaaaaa..cccccccc' }),
    ).toHaveAttribute('href', compareUrl);
  });

  it('names the weekday of what is near', async () => {
    const time = minutesFromNow(-3 * DAY);
    const weekday = new Date(time).toLocaleDateString('en', {
      weekday: 'long',
    });
    expect(await textOf({ time })).toBe(
      `Held by ada since ${weekday}: breaks checkout`,
    );
    expect(screen.getByText(weekday)).toHaveAttribute('datetime', time);
  });
});
