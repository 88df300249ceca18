// Prints each failed test of xunit's reports with the first lines of what it said, so that the end of a long log is enough to act on.
// Usage: node tools/failed-tests.mjs REPORT.xml...
import { readFileSync } from "node:fs";

const longest = 24;
const plain = value => value
  .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16)))
  .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, "$1")
  .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&amp;", "&");
const lines = (text, count) => plain(text).split("\n").slice(0, count).map(line => `      ${line.trimEnd().slice(0, 300)}`).join("\n");

for (const report of process.argv.slice(2)) {
  for (const [, tag, body] of readFileSync(report, "utf8").matchAll(/<test ([^>]*[^/])>([\s\S]*?)<\/test>/g)) {
    const failure = /<failure[\s\S]*?<message>([\s\S]*?)<\/message>(?:[\s\S]*?<stack-trace>([\s\S]*?)<\/stack-trace>)?/.exec(body);
    if (!failure) continue;
    const attribute = name => plain(new RegExp(`(?:^| )${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
    console.log(`  ${attribute("name")} (${Number(attribute("time")).toFixed(1)} s)`);
    console.log(lines(failure[1], longest));
    if (failure[2]) console.log(lines(failure[2], 8));
  }
}
