import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';

/**
 * Passes a request to a CGI program: its body on stdin, the head and body of the
 * answer on stdout. The program's environment holds the rest of the request.
 *
 * @param delay - seconds to hold the answer back while the program goes on
 */
export function answerByCgi(
  program: ChildProcessWithoutNullStreams,
  request: IncomingMessage,
  response: ServerResponse,
  delay = 0,
): void {
  // A peer that is gone takes the program with it.
  if (response.closed) {
    program.kill('SIGKILL');
  }
  response.on('close', () => program.kill('SIGKILL'));
  // A program may answer, and end, before it has read everything.
  program.stdin.on('error', () => request.resume());
  request.pipe(program.stdin);
  program.stderr.resume();

  let head = Buffer.alloc(0);
  let hasHead = false;
  // Keeps what comes while the answer is held back: the output of a program
  // that has ended is not kept by its own stream.
  const body = new PassThrough();
  const onHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) {
      return;
    }
    hasHead = true;
    program.stdout.off('data', onHead);
    body.write(head.subarray(end + 4));
    program.stdout.pipe(body);
    const { status = '200', ...fields } = readFields(
      head.toString('latin1', 0, end),
    );
    const answer = () => {
      response.writeHead(parseInt(status, 10), fields);
      body.pipe(response);
    };
    if (delay > 0) {
      const timer = setTimeout(answer, delay * 1000);
      response.on('close', () => clearTimeout(timer));
    } else {
      answer();
    }
  };
  program.stdout.on('data', onHead);
  program.on('error', error => response.destroy(error));
  program.on('close', () => {
    if (!hasHead) {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end('The program gave no answer');
    }
  });
}

function readFields(head: string): Record<string, string> {
  return Object.fromEntries(
    head.split('\r\n').map(line => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
