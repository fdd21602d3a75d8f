import { createReadStream, statSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** A built app, served as people's own servers do it: any other path is a page of it. */
export class StaticApp {
  /** Stays open: nothing but {@link StaticApp.stop} ends it. */
  readonly exited = new Promise<number>(() => {});
  readonly #server: Server;

  /** @param folder - of index.html */
  static async start(folder: string, port: number): Promise<StaticApp> {
    const server = createServer(({ url = '/' }, response) => {
      const { pathname } = new URL(url, 'http://localhost');
      const path = join(folder, normalize(decodeURIComponent(pathname)));
      const found = statSync(path, { throwIfNoEntry: false })?.isFile();
      const file = found ? path : join(folder, 'index.html');
      response.setHeader(
        'content-type',
        TYPES[extname(file)] ?? 'application/octet-stream',
      );
      createReadStream(file).pipe(response);
    });
    server.listen(port, 'localhost');
    await once(server, 'listening');
    return new StaticApp(server);
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
