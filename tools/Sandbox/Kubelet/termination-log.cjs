// Loaded before a container's own script. A container runtime mounts a file at the path of the termination message; here a write to that
// path goes to the file, and the process ends when its runtime is gone.
'use strict';
const fs = require('node:fs');

const path = process.env.SANDBOX_TERMINATION_PATH;
const file = process.env.SANDBOX_TERMINATION_FILE;
delete process.env.SANDBOX_TERMINATION_PATH;
delete process.env.SANDBOX_TERMINATION_FILE;

for (const name of ['writeFileSync', 'appendFileSync', 'writeFile', 'appendFile', 'openSync', 'open']) {
  const original = fs[name];
  fs[name] = (where, ...rest) => original(where === path ? file : where, ...rest);
}

process.stdin.on('end', () => process.exit(137)).on('error', () => process.exit(137)).resume();
process.stdin.unref?.();
