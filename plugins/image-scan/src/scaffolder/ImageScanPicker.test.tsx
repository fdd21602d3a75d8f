import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import scaffolderPlugin from '@backstage/plugin-scaffolder/alpha';
import { scaffolderApiRef } from '@backstage/plugin-scaffolder-react';
import { scaffolderApiMock } from '@backstage/plugin-scaffolder-react/testUtils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MockImageScanApi } from '../../dev/__data__/MockImageScanApi';
import { gitRepo, imageScan } from '../../dev/__data__/imageScans';
import { imageScanApiRef } from '../api';
import imageScanPlugin from '../plugin';

jest.setTimeout(30_000);

beforeEach(() => {
  // The stepper scrolls up on each step, which jsdom cannot.
  jest.spyOn(window, 'scrollTo').mockImplementation(() => {});
});

/** Opens the form of a template whose one field is the picker, in a real scaffolder. */
function renderForm(options: { api?: MockImageScanApi; field?: object } = {}) {
  const { api = twoGitRepos(), field = {} } = options;
  const scaffolder = scaffolderApiMock.mock({
    getTemplateParameterSchema: async () => ({
      title: 'Update images',
      steps: [
        {
          title: 'Images',
          schema: {
            type: 'object',
            required: ['images'],
            properties: {
              images: {
                title: 'What to update',
                type: 'object',
                'ui:field': 'ImageScanPicker',
                ...field,
              },
            },
          },
        },
      ],
    }),
    // The page of the task is not part of this.
    scaffold: () => new Promise(() => {}),
  });
  renderTestApp({
    features: [imageScanPlugin, scaffolderPlugin],
    initialRouteEntries: ['/create/templates/default/update-images'],
    apis: [
      [imageScanApiRef, api],
      [scaffolderApiRef, scaffolder],
      [catalogApiRef, catalogApiMock()],
      mockApis.permission(),
    ],
  });
  return { api, scaffolder };
}

function twoGitRepos() {
  const api = new MockImageScanApi([
    imageScan(),
    imageScan({ id: 'api', tagName: 'api', image: 'registry/api' }),
    imageScan({ id: 'api2', tagName: 'api', path: 'b', image: 'registry/b' }),
    imageScan({ id: 'other', gitRepo: 'tools', tagName: 'other' }),
  ]);
  api.gitRepos = [gitRepo(), gitRepo({ name: 'tools' })];
  return api;
}

const find = (name: RegExp) =>
  screen.findByRole('button', { name }, { timeout: 15_000 });

async function choose(select: RegExp, option: RegExp) {
  await userEvent.click(await find(select));
  await userEvent.click(await screen.findByRole('option', { name: option }));
}

/** Goes through the review to the task, and says what the template was given. */
async function submit(scaffolder: ReturnType<typeof renderForm>['scaffolder']) {
  await userEvent.click(await find(/^Review$/));
  await userEvent.click(await find(/^Create$/));
  await waitFor(() => expect(scaffolder.scaffold).toHaveBeenCalled());
  return scaffolder.scaffold.mock.calls[0][0].values;
}

describe('ImageScanPicker in the form of a template', () => {
  it('gives the git repo, and no scans for all of them', async () => {
    const { scaffolder } = renderForm();
    expect(
      await screen.findByRole(
        'group',
        { name: 'What to update' },
        { timeout: 15_000 },
      ),
    ).toBeInTheDocument();
    await choose(/Git repository/, /tools/);
    expect(await find(/All images/)).toBeInTheDocument();
    expect(await submit(scaffolder)).toEqual({ images: { gitRepo: 'tools' } });
  });

  it('gives the chosen scans, each name once', async () => {
    const { scaffolder } = renderForm();
    await choose(/Git repository/, /shop/);
    await userEvent.click(await find(/All images/));
    const options = await screen.findAllByRole('option');
    expect(options.map(option => option.textContent)).toEqual([
      expect.stringContaining('api'),
      expect.stringContaining('web'),
    ]);
    expect(options[0]).toHaveTextContent('registry/api, registry/b');
    await userEvent.click(options[1]);
    await userEvent.keyboard('{Escape}');
    expect(await submit(scaffolder)).toEqual({
      images: { gitRepo: 'shop', tagNames: ['web'] },
    });
  });

  it('forgets the scans of another git repo', async () => {
    const { scaffolder } = renderForm();
    await choose(/Git repository/, /shop/);
    await choose(/All images/, /web/);
    await userEvent.keyboard('{Escape}');
    await choose(/Git repository/, /tools/);
    expect(await submit(scaffolder)).toEqual({ images: { gitRepo: 'tools' } });
  });

  it('does not go on without a git repo', async () => {
    renderForm();
    await userEvent.click(await find(/^Review$/));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Choose a git repository',
    );
  });

  it('can leave the scans out', async () => {
    const { scaffolder } = renderForm({
      field: { 'ui:options': { onlyGitRepo: true } },
    });
    await choose(/Git repository/, /shop/);
    expect(screen.queryByText('All images')).not.toBeInTheDocument();
    expect(await submit(scaffolder)).toEqual({ images: { gitRepo: 'shop' } });
  });

  it('says why there is nothing to choose from, and tries again', async () => {
    const api = twoGitRepos();
    const list = jest
      .spyOn(api, 'listGitRepos')
      .mockRejectedValueOnce(new Error('The backend is away'));
    renderForm({ api });
    expect(
      await screen.findByText('The backend is away', undefined, {
        timeout: 15_000,
      }),
    ).toBeInTheDocument();
    await userEvent.click(await find(/Try again/));
    await choose(/Git repository/, /shop/);
    expect(list.mock.calls.length).toBeGreaterThan(1);
  });

  it('says that there is no git repo', async () => {
    const api = twoGitRepos();
    api.gitRepos = [];
    renderForm({ api });
    expect(
      await screen.findByText('No git repository is configured.', undefined, {
        timeout: 15_000,
      }),
    ).toBeInTheDocument();
  });
});
