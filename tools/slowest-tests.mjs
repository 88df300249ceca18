// Prints what a test project took and its ten slowest tests, read from xunit's report.
// Usage: node tools/slowest-tests.mjs REPORT.xml TIMES   (TIMES holds "REAL USER SYSTEM" in seconds, as bash's time gives them)
import { readFileSync } from "node:fs";

const [report, times] = process.argv.slice(2);
const text = readFileSync(report, "utf8");
const attribute = (tag, name) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
const plain = value => value
  .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16)))
  .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&amp;", "&");

const tests = [...text.matchAll(/<test [^>]*>/g)]
  .map(([tag]) => ({ name: plain(attribute(tag, "name")).replace(/^Portkey\.Portal\./, ""), seconds: Number(attribute(tag, "time")) }))
  .sort((a, b) => b.seconds - a.seconds);
const [real, user, system] = readFileSync(times, "utf8").trim().split(/\s+/).map(Number);
console.log(`${tests.length} tests in ${real.toFixed(0)} s, ${(user + system).toFixed(0)} s of CPU without what was killed; the slowest:`);
for (const { name, seconds } of tests.slice(0, 10)) {
  console.log(`${seconds.toFixed(1).padStart(8)} s  ${name.length > 140 ? `${name.slice(0, 139)}…` : name}`);
}
