// Proves that a package with a known vulnerability fails a restore in CI, also one that comes in by another, and only warns elsewhere.
// Its own source of advisories makes the proof independent of what the package source here serves; whether that serves any is said too.
// Usage: node tools/audit-check.mjs FOLDER-INSIDE-THE-REPOSITORY
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = resolve(process.argv[2]);
const advisories = { "fractions": [{ url: "https://example.com/advisory", severity: 2, versions: "(, 9999.0.0)" }] };

const server = createServer((request, response) => {
  const here = `http://127.0.0.1:${server.address().port}`;
  const body = {
    "/index.json": { version: "3.0.0", resources: [{ "@id": `${here}/vulnerabilities.json`, "@type": "VulnerabilityInfo/6.7.0" }] },
    "/vulnerabilities.json": [{ "@name": "base", "@id": `${here}/base.json`, "@updated": "2020-01-01T00:00:00.0000000Z", comment: "for this check" }],
    "/base.json": advisories,
  }[request.url];
  response.writeHead(body ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(body ?? {}));
});

function project(name, packages, audit) {
  const at = join(folder, name);
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at, { recursive: true });
  const references = packages.map(p => `<PackageReference Include="${p.id}"${p.version ? ` VersionOverride="${p.version}"` : ""} />`).join("");
  // No lock file: the projects of the repository have theirs, and this one is nobody's.
  writeFileSync(join(at, "check.csproj"), `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><RestorePackagesWithLockFile>false</RestorePackagesWithLockFile><RestoreLockedMode>false</RestoreLockedMode></PropertyGroup><ItemGroup>${references}</ItemGroup></Project>`);
  if (audit) {
    writeFileSync(join(at, "nuget.config"), `<configuration><auditSources><clear /><add key="check" value="${audit}" allowInsecureConnections="true" /></auditSources></configuration>`);
  }

  return at;
}

function restore(at, ci) {
  const env = { ...process.env, CI: ci ? "true" : "" };
  return new Promise(done => {
    const child = spawn("dotnet", ["restore", at, "--force", "-nologo"], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", d => { said += d; });
    child.stderr.on("data", d => { said += d; });
    child.on("close", code => done({ code, said }));
  });
}

function expect(holds, what, { code, said }) {
  if (!holds) {
    console.error(`${what}; exit code ${code}:\n${said}`);
    process.exitCode = 1;
  }
}

await new Promise(done => server.listen(0, "127.0.0.1", done));
const source = `http://127.0.0.1:${server.address().port}/index.json`;

// KubernetesClient brings Fractions with it.
const inCi = await restore(project("ci", [{ id: "KubernetesClient" }], source), true);
expect(inCi.code !== 0 && /error NU1903/.test(inCi.said), "In CI, a transitive package with an advisory did not fail the restore", inCi);
const elsewhere = await restore(project("elsewhere", [{ id: "KubernetesClient" }], source), false);
expect(elsewhere.code === 0 && /warning NU1903/.test(elsewhere.said), "Outside CI, it was not told as a warning", elsewhere);
server.close();

// A source of advisories that does not answer must not break a build. Another address: NuGet remembers what the first one said.
const gone = createServer();
await new Promise(done => gone.listen(0, "127.0.0.1", done));
const nowhere = `http://127.0.0.1:${gone.address().port}/index.json`;
await new Promise(done => gone.close(done));
const silent = await restore(project("silent", [{ id: "KubernetesClient" }], nowhere), true);
expect(silent.code === 0 && /NU1900/.test(silent.said), "A source of advisories that does not answer was not told, or broke the restore", silent);

if (process.exitCode !== 1) {
  const real = await restore(project("real", [{ id: "Newtonsoft.Json", version: "12.0.1" }]), true);
  console.log(/NU190[1-4]/.test(real.said) ? "advisories: the package source serves them, and every restore is checked against them"
    : real.code === 0 ? "advisories: the package source here serves none, so dependencies are NOT checked for known vulnerabilities on this machine"
    : "advisories: whether the package source serves them could not be found out");
}
