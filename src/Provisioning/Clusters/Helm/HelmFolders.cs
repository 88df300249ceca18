using System.Security.Cryptography;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Helm's own folders below the data folder, and the environment that points there. Nothing of the user's Helm is read or
/// changed.</summary>
internal sealed class HelmFolders
{
    // What a process needs besides Helm's own settings: programs, proxies, trusted certificates.
    private static readonly string[] Kept =
    [
        "PATH",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ];

    private readonly string root;

    public HelmFolders(string dataDirectory)
    {
        root = Path.GetFullPath(Path.Combine(dataDirectory, "helm"));
        foreach (var folder in (ReadOnlySpan<string>)["", "home", "run", "tmp"])
        {
            Directory.CreateDirectory(
                Path.Combine(root, folder),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }

        // Left behind by a portal that was killed; a running one may be using a younger one.
        foreach (
            var left in Directory
                .GetDirectories(Path.Combine(root, "run"), "*.chart")
                .Where(d => Directory.GetLastWriteTimeUtc(d) < DateTime.UtcNow.AddDays(-1))
        )
        {
            Directory.Delete(left, recursive: true);
        }
    }

    /// <summary>The whole environment of a run: null removes a variable of ours from the child.</summary>
    public IReadOnlyDictionary<string, string?> Environment(IReadOnlyDictionary<string, string> connection)
    {
        var result = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (string name in System.Environment.GetEnvironmentVariables().Keys)
        {
            if (Array.IndexOf(Kept, name) < 0)
            {
                result[name] = null;
            }
        }

        result["HOME"] = Path.Combine(root, "home");
        result["TMPDIR"] = Path.Combine(root, "tmp");
        result["HELM_CACHE_HOME"] = Path.Combine(root, "home", "cache");
        result["HELM_CONFIG_HOME"] = Path.Combine(root, "home", "config");
        result["HELM_DATA_HOME"] = Path.Combine(root, "home", "data");
        result["HELM_DRIVER"] = "secret";
        result["KUBECONFIG"] = "/dev/null";

        // Go collects garbage harder as it nears this, so that only what is truly too large hits the kernel's limit.
        result["GOMEMLIMIT"] = "384MiB";
        foreach (var (name, value) in connection)
        {
            result[name] = value;
        }

        return result;
    }

    /// <summary>File that remembers the process working on a release.</summary>
    public string Mark(string key) => Path.Combine(root, "run", key + ".pid");

    /// <summary>A file for a certificate authority: it is public, so it is kept, named by its content.</summary>
    public async Task<string> CaFileAsync(string pem, CancellationToken cancellationToken)
    {
        var path = Path.Combine(
            root,
            "run",
            Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(pem)))[..32] + ".crt"
        );
        if (!File.Exists(path))
        {
            var draft = $"{path}.{Guid.NewGuid():n}";
            await File.WriteAllTextAsync(draft, pem, cancellationToken);
            File.Move(draft, path, overwrite: true);
        }

        return path;
    }

    /// <summary>A new folder that only its owner can read. The caller deletes it.</summary>
    public string PrivateFolder()
    {
        var path = Path.Combine(root, "run", $"{Guid.NewGuid():n}.chart");
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>A kubeconfig that only its owner can read, for what the environment cannot carry. The caller deletes it.</summary>
    public async Task<string> PrivateFileAsync(string content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(root, "run", $"{Guid.NewGuid():n}.kubeconfig");
        await using var stream = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(content), cancellationToken);
        return path;
    }
}
