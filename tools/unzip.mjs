// Takes single files out of a zip archive with nothing but Node itself:
// a fresh machine has node (it comes with npm) but often no unzip.
// Usage: node unzip.mjs ARCHIVE ENTRY DESTINATION [ENTRY DESTINATION ...]
import { readFileSync, writeFileSync } from 'node:fs';
import * as zlib from 'node:zlib';

const [archive, ...wanted] = process.argv.slice(2);
const zip = readFileSync(archive);

// End of central directory: PK\5\6, count of entries at +10, offset of the directory at +16.
const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
if (end < 0) throw new Error(`${archive} is not a zip archive`);

const entries = new Map();
let at = zip.readUInt32LE(end + 16);
for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
  // One entry: PK\1\2, method +10, crc +16, sizes +20/+24, lengths of name, extra and comment +28/+30/+32, offset +42.
  if (zip.readUInt32LE(at) !== 0x02014b50) throw new Error(`${archive} has a broken directory`);
  const nameLength = zip.readUInt16LE(at + 28);
  entries.set(zip.toString('utf8', at + 46, at + 46 + nameLength), {
    method: zip.readUInt16LE(at + 10),
    crc: zip.readUInt32LE(at + 16),
    packed: zip.readUInt32LE(at + 20),
    size: zip.readUInt32LE(at + 24),
    offset: zip.readUInt32LE(at + 42),
  });
  at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
}

for (let i = 0; i < wanted.length; i += 2) {
  const [name, destination] = [wanted[i], wanted[i + 1]];
  const entry = entries.get(name);
  if (!entry) throw new Error(`${archive} holds no ${name}; it holds ${[...entries.keys()].join(', ')}`);
  // The local header repeats the name and has an extra field of its own length before the data.
  const start = entry.offset + 30 + zip.readUInt16LE(entry.offset + 26) + zip.readUInt16LE(entry.offset + 28);
  const packed = zip.subarray(start, start + entry.packed);
  const data = entry.method === 0 ? packed : zlib.inflateRawSync(packed);
  // npm checked the archive against the lock file already; crc32 exists from Node 20.15 on.
  if (data.length !== entry.size || (zlib.crc32 && zlib.crc32(data) !== entry.crc)) {
    throw new Error(`${name} in ${archive} is damaged`);
  }
  writeFileSync(destination, data, { mode: 0o755 });
}
