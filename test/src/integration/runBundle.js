// @ts-check
/*
 * Runs a bundle that exports `start`, without compiling it: V8 keeps its code in
 * the file beside it. `--keep-code` writes that file and ends.
 */
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const [, , file, option] = process.argv;
const codeFile = `${file}.code`;

/** @returns {Buffer | undefined} */
function readCode() {
  return option === '--keep-code' ? undefined : readFileSync(codeFile);
}

const script = new Script(Module.wrap(readFileSync(file, 'utf8')), {
  filename: file,
  cachedData: readCode(),
});
/** @type {{ exports: { start?: () => Promise<void> } }} */
const bundle = { exports: {} };
script.runInThisContext()(
  bundle.exports,
  Module.createRequire(file),
  bundle,
  file,
  dirname(file),
);

if (option === '--keep-code') {
  writeFileSync(`${codeFile}.${process.pid}`, script.createCachedData());
  renameSync(`${codeFile}.${process.pid}`, codeFile);
} else {
  bundle.exports.start?.().catch(error => {
    console.error(error);
    process.exit(1);
  });
}
