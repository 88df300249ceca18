// Loaded into a gateway process before its own code. It does two things that a container runtime would do:
// the process listens on its pod's address instead of on all of the machine's, and it ends when its runtime is gone.
'use strict';
const net = require('node:net');

const address = process.env.SANDBOX_POD_ADDRESS;
delete process.env.SANDBOX_POD_ADDRESS; // the gateway sees the pod's own environment only

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const first = args[0];
  if (first !== null && typeof first === 'object' && first.port !== undefined) {
    args[0] = { ...first, host: address };
  } else if (/^\d+$/.test(String(first))) {
    const hasHost = args.length > 1 && (args[1] === undefined || typeof args[1] === 'string');
    args.splice(1, hasHost ? 1 : 0, address);
  }
  return listen.apply(this, args);
};

// The other end of standard input is held by the sandbox alone, so its end is the sandbox's end, even after SIGKILL.
process.stdin.on('end', () => process.exit(137)).on('error', () => process.exit(137)).resume();
process.stdin.unref?.();
