'use strict';
// Runs in a pod of the cluster, as node -e, and tries DNS, TCP and TLS to each address that it is given. It sends and reads nothing else.
// Its argument: {file, milliseconds, deny: [cidr], allow: [cidr], targets: [[host, port, flags]]}; flags: t for TLS, s for an SRV name of
// MongoDB, n for an address of the node's own link that is meant. Its answer, in file: {v: 1, r: [[word, code]]}, in the order of targets.
const net = require('node:net');
const tls = require('node:tls');
const dns = require('node:dns').promises;
const fs = require('node:fs');

const job = JSON.parse(process.argv[1]);
const end = Date.now() + job.milliseconds;
const each = Math.min(4000, Math.floor(job.milliseconds / 4));
const answers = job.targets.map(() => ['tcp', 'TIMEOUT']);
const [denied, allowed] = [job.deny, job.allow].map(listOf);

function listOf(ranges) {
  const list = new net.BlockList();
  for (const range of ranges) {
    const [address, prefix] = range.split('/');
    list.addSubnet(address, Number(prefix), net.isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

function refused(address, flags) {
  const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
  return !flags.includes('n') && denied.check(address, family) && !allowed.check(address, family);
}

function codeOf(error) {
  return String((error && (error.code || error.message)) || 'ERROR').replace(/[^A-Za-z0-9_]/g, '_').slice(0, 40);
}

function limited(promise) {
  return Promise.race([promise, new Promise((_, no) => setTimeout(() => no(Object.assign(new Error(), { code: 'TIMEOUT' })), each).unref())]);
}

function connect(address, port) {
  return new Promise((yes, no) => {
    const socket = net.connect({ host: address, port });
    socket.setTimeout(each, () => socket.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
    socket.once('connect', () => yes(socket)).once('error', no);
  });
}

// Who cannot be verified is told apart from who does not speak TLS at all.
function shake(socket, host) {
  return new Promise((yes, no) => {
    const secure = tls.connect({ socket, servername: net.isIP(host) ? undefined : host, host, rejectUnauthorized: false });
    secure.setTimeout(each, () => secure.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
    secure.once('secureConnect', () => { secure.destroy(); yes(secure.authorizationError); }).once('error', no);
  });
}

async function once([host, port, flags]) {
  let addresses;
  try {
    if (flags.includes('s')) {
      const [first] = await limited(dns.resolveSrv(`_mongodb._tcp.${host}`));
      [host, port] = [first.name, first.port];
    }
    addresses = net.isIP(host) ? [host] : (await limited(dns.lookup(host, { all: true }))).map((found) => found.address);
  } catch (error) {
    return ['dns', codeOf(error)];
  }
  let answer = ['dns', 'EMPTY'];
  for (const address of addresses.slice(0, 3)) {
    if (refused(address, flags)) {
      return ['refused', ''];
    }
    let socket;
    try {
      socket = await connect(address, port);
    } catch (error) {
      answer = ['tcp', codeOf(error)];
      continue;
    }
    try {
      const distrust = flags.includes('t') ? await shake(socket, host) : null;
      return distrust ? ['cert', codeOf(typeof distrust === 'string' ? { code: distrust } : distrust)] : ['ok', ''];
    } catch (error) {
      answer = ['tls', codeOf(error)];
    } finally {
      socket.destroy();
    }
  }
  return answer;
}

// Network policies may need a moment until they hold for a new pod, so what failed is tried once more.
async function look(target, index) {
  answers[index] = await once(target);
  if (!['ok', 'cert', 'refused'].includes(answers[index][0]) && end - Date.now() > each + 1500) {
    await new Promise((done) => setTimeout(done, 1500));
    answers[index] = await once(target);
  }
}

function finish() {
  const all = JSON.stringify({ v: 1, r: answers });
  fs.writeFileSync(job.file, all.length <= 4000 ? all : JSON.stringify({ v: 1, r: answers.map(([word]) => [word, '']) }));
  process.exit(0);
}

setTimeout(finish, job.milliseconds);
Promise.all(job.targets.map(look)).then(finish);
