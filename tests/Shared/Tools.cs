using System.Diagnostics;

namespace Portkey.Portal.Shared;

/// <summary>
/// Programs that tests run for real. ./test names them in variables; without it, tools/fetch answers.
/// A missing program is an error with its cure, never a reason to skip.
/// </summary>
public static class Tools
{
    private static readonly Lazy<Dictionary<string, string>> Fetched = new(() => Run("fetch"));
    private static readonly Lazy<Dictionary<string, string>> Emulators = new(() => Run("fetch-emulators"));
    private static readonly Lazy<Dictionary<string, string>> Clients = new(() => Run("fetch-clients"));
    private static readonly Lazy<Dictionary<string, string>> Built = new(() => Run("control-plane"));

    public static string Helm => Find("HELM_BIN");

    public static string Kubectl => Find("KUBECTL_BIN");

    /// <summary>Folder of the npm package of the open-source gateway.</summary>
    public static string Gateway => Find("GATEWAY_DIR");

    public static string Chromium =>
        FromVariable("CHROMIUM_BIN")
        ?? OnPath("chromium-headless-shell")
        ?? OnPath("chromium")
        ?? OnPath("chromium-browser")
        ?? OnPath("google-chrome")
        ?? throw Missing("Chromium", "CHROMIUM_BIN", "chromium");

    /// <summary>Folder that holds initdb and postgres.</summary>
    public static string PostgreSqlFolder =>
        FromVariable("POSTGRES_BIN")
        ?? DebianPostgreSql()
        ?? Path.GetDirectoryName(OnPath("initdb"))
        ?? throw Missing("PostgreSQL", "POSTGRES_BIN", "postgresql");

    /// <summary>The library that shows a process another time.</summary>
    public static string FakeTime =>
        FromVariable("FAKETIME_LIB")
        ?? Directory
            .GetDirectories("/usr/lib")
            .Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1"))
            .FirstOrDefault(File.Exists)
        ?? throw Missing("libfaketime", "FAKETIME_LIB", "faketime");

    /// <summary>A registry for OCI artifacts.</summary>
    public static string Registry =>
        FromVariable("REGISTRY_BIN") ?? OnPath("docker-registry") ?? throw Missing("An OCI registry", "REGISTRY_BIN", "docker-registry");

    public static string Redis =>
        FromVariable("REDIS_BIN") ?? OnPath("redis-server") ?? throw Missing("Redis", "REDIS_BIN", "redis-server");

    public static string ClickHouse =>
        FromVariable("CLICKHOUSE_BIN")
        ?? OnPath("clickhouse-server")
        ?? (
            File.Exists("/usr/sbin/clickhouse-server")
                ? "/usr/sbin/clickhouse-server"
                : throw Missing("ClickHouse", "CLICKHOUSE_BIN", "clickhouse-server")
        );

    /// <summary>Azure Blob Storage's emulator, a script for node.</summary>
    public static string Azurite => FromVariable("AZURITE_BLOB_JS") ?? Emulators.Value["AZURITE_BLOB_JS"];

    /// <summary>A server of S3's protocol, a script for node.</summary>
    public static string S3Server => FromVariable("S3RVER_JS") ?? Emulators.Value["S3RVER_JS"];

    /// <summary>Folder of npm packages with which a TypeScript client is generated and compiled.</summary>
    public static string ClientTools => FromVariable("CLIENT_TOOLS_DIR") ?? Clients.Value["CLIENT_TOOLS_DIR"];

    public static string Etcd => FromVariable("ETCD_BIN") ?? Built.Value["ETCD_BIN"];

    public static string KubeApiServer => FromVariable("KUBE_APISERVER_BIN") ?? Built.Value["KUBE_APISERVER_BIN"];

    public static string KubeControllerManager => FromVariable("KUBE_CONTROLLER_MANAGER_BIN") ?? Built.Value["KUBE_CONTROLLER_MANAGER_BIN"];

    private static string Find(string variable) =>
        FromVariable(variable)
        ?? Fetched.Value.GetValueOrDefault(variable)
        ?? throw new InvalidOperationException($"tools/fetch did not name {variable}. Run it by hand to see why.");

    private static string? FromVariable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value && Path.Exists(value) ? value : null;

    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private static string? DebianPostgreSql() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .Select(folder => Path.Combine(folder, "bin"))
                .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
                .Max(StringComparer.Ordinal)
            : null;

    private static InvalidOperationException Missing(string what, string variable, string package) =>
        new($"{what} was not found. Install it (Debian: apt-get install {package}) or name it in {variable}.");

    // Both print NAME=value lines; the folders it uses need no shell quoting on any machine seen so far,
    // and a quoted one is refused here rather than misread.
    private static Dictionary<string, string> Run(string tool)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(Repository.Root, "tools", tool)) { UseShellExecute = false, RedirectStandardOutput = true }
        )!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && !lines.Any(line => line.Contains('\\') || line.Contains('\''))
            ? lines.Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal)
            : throw new InvalidOperationException($"tools/{tool} failed. Run it by hand to see why, or run the tests by ./test.");
    }
}
