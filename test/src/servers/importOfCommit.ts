/** Content of a file in a repository; an executable one has `executable: true`. */
export type GitFileContent =
  | string
  | Buffer
  | { symlink: string }
  | { executable: true; content: string | Buffer };

/** One commit as `git fast-import --done` takes it, which then prints its name. */
export function importOfCommit(options: {
  ref: string;
  /** None, or an empty text: the commit is the first. */
  parent: string | undefined;
  author: { name: string; email: string };
  message: string;
  /** Null removes a file. */
  files: Record<string, GitFileContent | null>;
}): Buffer {
  const { ref, parent, author, message, files } = options;
  const time = Math.floor(Date.now() / 1000);
  const person = `${author.name} <${author.email}> ${time} +0000`;
  return Buffer.concat([
    Buffer.from(
      `commit ${ref}\nmark :1\nauthor ${person}\ncommitter ${person}\n`,
    ),
    importData(`${message}\n`),
    Buffer.from(parent ? `from ${parent}\n` : ''),
    ...Object.entries(files).flatMap(importFile),
    Buffer.from('\nget-mark :1\ndone\n'),
  ]);
}

function importFile([path, file]: [string, GitFileContent | null]): Buffer[] {
  if (file === null) {
    return [Buffer.from(`D ${path}\n`)];
  }
  let mode = '100644';
  let content: string | Buffer;
  if (typeof file === 'string' || Buffer.isBuffer(file)) {
    content = file;
  } else if ('symlink' in file) {
    mode = '120000';
    content = file.symlink;
  } else {
    mode = '100755';
    content = file.content;
  }
  return [Buffer.from(`M ${mode} inline ${path}\n`), importData(content)];
}

function importData(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([
    Buffer.from(`data ${bytes.length}\n`),
    bytes,
    Buffer.from('\n'),
  ]);
}
