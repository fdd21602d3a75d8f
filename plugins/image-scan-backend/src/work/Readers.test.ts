import express from 'express';
import request from 'supertest';
import { Readers } from './Readers';

describe('Readers', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('knows who waits for a GET, and who did a moment ago', async () => {
    let now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const readers = new Readers();
    const seen: boolean[] = [];
    const app = express();
    app.use(readers.count);
    app.use((req, res) => {
      seen.push(readers.areWaiting);
      if (req.path === '/broken') {
        res.destroy();
      } else {
        res.status(req.path === '/missing' ? 404 : 200).end();
      }
    });

    expect(readers.areWaiting).toBe(false);
    await request(app).get('/');
    await request(app).get('/missing');
    await expect(request(app).get('/broken')).rejects.toThrow();
    expect(readers.areWaiting).toBe(true);
    now += 50;
    expect(readers.areWaiting).toBe(false);
    await request(app).post('/');
    expect(readers.areWaiting).toBe(false);
    expect(seen).toEqual([true, true, true, false]);
  });
});
