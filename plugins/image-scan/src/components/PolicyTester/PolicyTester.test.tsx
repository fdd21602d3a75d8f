import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import { imageScan } from '../../../dev/__data__/imageScans';
import { renderPage } from '../../__testUtils__';
import { PolicyTester } from './PolicyTester';

function renderTester(scan = imageScan()) {
  const api = new MockImageScanApi([scan]);
  renderPage(<PolicyTester scan={scan} />, { api });
  return api;
}

const result = () => within(screen.getByRole('region', { name: 'Result' }));

describe('PolicyTester', () => {
  it('starts with the policy of the scan', async () => {
    renderTester();
    expect(await screen.findByRole('textbox', { name: 'Range' })).toHaveValue(
      '^1.2',
    );
    expect(
      await screen.findByText('Chooses 1.4.2, as now'),
    ).toBeInTheDocument();
  });

  it('shows what another range would choose and why the others fall out', async () => {
    renderTester();
    const range = await screen.findByRole('textbox', { name: 'Range' });
    await userEvent.clear(range);
    await userEvent.type(range, '>=2');
    expect(
      await screen.findByText('Chooses 2.0.0 instead of 1.4.2'),
    ).toBeInTheDocument();
    expect(result().getAllByText('Outside the range').length).toBeGreaterThan(
      1,
    );
    expect(screen.getByLabelText('policy block')).toHaveTextContent(
      'range: ">=2"',
    );
  });

  it('asks for real versions alone where that is ticked', async () => {
    const api = renderTester();
    const preview = jest.spyOn(api, 'previewPolicy');
    await userEvent.click(
      await screen.findByRole('checkbox', { name: /^Only full versions/ }),
    );
    await waitFor(() =>
      expect(preview).toHaveBeenCalledWith({
        policy: { semver: { range: '^1.2', strict: true } },
        imageScanId: 'web',
      }),
    );
    expect(screen.getByLabelText('policy block')).toHaveTextContent(
      'strict: true',
    );
    expect(
      screen.getByText('Policy block for imagescans.yaml'),
    ).toBeInTheDocument();
  });

  it('starts strict where the scan is', async () => {
    renderTester(
      imageScan({ policy: { semver: { range: '^1.2', strict: true } } }),
    );
    expect(
      await screen.findByRole('checkbox', { name: /^Only full versions/ }),
    ).toBeChecked();
  });

  it('shows what about the choice may not be meant', async () => {
    const api = renderTester();
    jest.spyOn(api, 'previewPolicy').mockResolvedValue({
      selected: '20240131',
      items: [],
      totalItems: 0,
      counts: {},
      warnings: ['It beats every usual release.'],
    });
    expect(
      await screen.findByText('It beats every usual release.'),
    ).toBeInTheDocument();
  });

  it('says when a range would choose nothing', async () => {
    renderTester();
    const range = await screen.findByRole('textbox', { name: 'Range' });
    await userEvent.clear(range);
    await userEvent.type(range, '>=9');
    expect(await screen.findByText('Chooses no tag')).toBeInTheDocument();
  });

  it('says why a range is none', async () => {
    renderTester();
    const range = await screen.findByRole('textbox', { name: 'Range' });
    await userEvent.clear(range);
    await userEvent.type(range, '>=>=');
    expect(await screen.findByRole('alert')).toHaveTextContent('Not a policy');
    await waitFor(() => expect(range).toBeInvalid());
  });

  it('asks for the alphabetical order', async () => {
    const api = renderTester(
      imageScan({ policy: { alphabetical: { order: 'asc' } } }),
    );
    const preview = jest.spyOn(api, 'previewPolicy');
    expect(
      await screen.findByRole('button', {
        name: /asc: the smallest tag Order/,
      }),
    ).toBeInTheDocument();
    await waitFor(() =>
      expect(preview).toHaveBeenCalledWith({
        policy: { alphabetical: { order: 'asc' } },
        imageScanId: 'web',
      }),
    );
  });

  it('tries what competes and by which part, and shows the values', async () => {
    const api = renderTester();
    const preview = jest.spyOn(api, 'previewPolicy').mockResolvedValue({
      selected: 'main-12',
      items: [
        {
          tag: 'main-12',
          value: '12',
          verdict: 'selected',
          reason: 'the largest number',
        },
        { tag: 'x', verdict: 'filtered', reason: 'does not match' },
      ],
      totalItems: 2,
      counts: { selected: 1, filtered: 1 },
    });
    await userEvent.click(
      await screen.findByLabelText('Only tags that match', { exact: false }),
    );
    await userEvent.paste('^main-(\\d+)$');
    await userEvent.click(
      screen.getByLabelText('Compared by', { exact: false }),
    );
    await userEvent.paste('$1');
    await userEvent.type(
      screen.getByLabelText('Never these', { exact: false }),
      '-debug${enter}rc',
    );
    await waitFor(() =>
      expect(preview).toHaveBeenLastCalledWith({
        policy: { semver: { range: '^1.2' } },
        filterTags: { pattern: '^main-(\\d+)$', extract: '$1' },
        exclusionList: ['-debug$', 'rc'],
        imageScanId: 'web',
      }),
    );
    const row = await result().findByRole('row', { name: /^main-12/ });
    expect(row).toHaveTextContent('12Selected');
    expect(screen.getByLabelText('policy block')).toHaveTextContent(
      'extract: "$1"',
    );
  });

  it('offers no block to copy while it is no policy', async () => {
    renderTester();
    const range = await screen.findByRole('textbox', { name: 'Range' });
    await userEvent.clear(range);
    await userEvent.type(range, '>=');
    await screen.findByText('Not a policy');
    expect(screen.queryByLabelText('policy block')).not.toBeInTheDocument();
  });
});
