using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clouds.Local;

/// <summary>
/// Vault for a laptop: one file per secret below the data folder, encrypted with Data Protection. Any program of the portal's user
/// can read it, so it says so loudly outside Development.
/// </summary>
internal sealed partial class LocalVault : ICloudVault
{
    private readonly VaultFiles files;
    private readonly IDataProtector protector;

    /// <summary>Prepares the folder.</summary>
    public LocalVault(
        IOptions<ProvisioningOptions> options,
        IDataProtectionProvider protection,
        IHostEnvironment environment,
        ILogger<LocalVault> logger
    )
    {
        files = new VaultFiles(Path.GetFullPath(Path.Combine(options.Value.DataDirectory, "vault")));
        protector = protection.CreateProtector("Portkey.Portal.LocalVault");
        if (!environment.IsDevelopment())
        {
            LogNotForProduction(logger);
        }

        if (options.Value.DatabaseProvider.Equals("PostgreSql", StringComparison.OrdinalIgnoreCase))
        {
            LogOneFolder(logger, Path.GetFullPath(Path.Combine(options.Value.DataDirectory, "vault")));
        }
    }

    /// <inheritdoc/>
    public string NameFor(string team, string name) => name;

    /// <inheritdoc/>
    public async Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken)
    {
        Check(name);
        var bytes = VaultPath.Checked(value);
        var version = Guid.CreateVersion7().ToString("n");
        await files.ChangeAsync(
            name,
            versions =>
            {
                if (versions.Exists(v => v.DeletedAt is not null))
                {
                    throw new VaultException(VaultFailure.Conflict, $"Secret '{name}' was deleted; its name is not used again.");
                }

                versions.Add(
                    new StoredVersion(
                        version,
                        Convert.ToBase64String(Protector(name, version).Protect(bytes)),
                        Disabled: false,
                        DateTime.UtcNow,
                        attributes
                    )
                );
            },
            cancellationToken
        );
        return version;
    }

    /// <inheritdoc/>
    public async Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken)
    {
        Check(name);
        var stored =
            (await files.ReadAsync(name, cancellationToken)).Find(v => v.Id == version && v.DeletedAt is null)
            ?? throw Missing(name, version);
        if (stored.Disabled)
        {
            throw new VaultException(VaultFailure.Disabled, $"Version {version} of secret '{name}' is disabled.");
        }

        try
        {
            return new SecretValue(Encoding.UTF8.GetString(Protector(name, version).Unprotect(Convert.FromBase64String(stored.Value))));
        }
        catch (Exception problem) when (problem is CryptographicException or FormatException)
        {
            throw new VaultException(
                VaultFailure.Damaged,
                $"Version {version} of secret '{name}' cannot be decrypted. If the portal's keys in the database were lost, or the folder belongs to another portal, store the secret again.",
                problem
            );
        }
    }

    /// <inheritdoc/>
    public Task DisableAsync(string name, string version, CancellationToken cancellationToken)
    {
        Check(name);
        return files.ChangeAsync(
            name,
            versions =>
            {
                var at = versions.FindIndex(v => v.Id == version && v.DeletedAt is null);

                // For good: a value that nobody may read again need not be kept.
                versions[at >= 0 ? at : throw Missing(name, version)] = versions[at] with
                {
                    Disabled = true,
                    Value = "",
                };
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Check(name);
        if ((await files.ReadAsync(name, cancellationToken)).Count == 0)
        {
            return;
        }

        // The values go, the entry stays, so that the name is not used again.
        await files.ChangeAsync(
            name,
            versions =>
            {
                for (var i = 0; i < versions.Count; i++)
                {
                    versions[i] = versions[i] with { Disabled = true, Value = "", DeletedAt = versions[i].DeletedAt ?? DateTime.UtcNow };
                }
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<VaultEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var name in files.Names())
        {
            foreach (var version in (await files.ReadAsync(name, cancellationToken)).Where(v => v.DeletedAt is null))
            {
                yield return new VaultEntry(
                    name,
                    version.Id,
                    !version.Disabled,
                    version.CreatedAt,
                    version.Attributes?.ExpiresAt,
                    version.Attributes?.EnvironmentId ?? "",
                    version.Attributes?.Purpose ?? ""
                );
            }
        }
    }

    // Bound to name and version: a file copied over another one does not decrypt.
    private IDataProtector Protector(string name, string version) => protector.CreateProtector(name, version);

    private static VaultException Missing(string name, string version) =>
        new(VaultFailure.NotFound, $"There is no version {version} of secret '{name}'.");

    private static void Check(string name)
    {
        if (VaultPath.Parse(name) is { Vault.Length: > 0 } path)
        {
            throw new VaultException(
                VaultFailure.NotFound,
                $"Secret '{path.Name}' is in the Key Vault of team '{path.Vault}', but the local vault has no team vaults. Set {VaultOptions.Section}:Kind back to azure."
            );
        }
    }

    [LoggerMessage(
        EventId = 4008,
        Level = LogLevel.Warning,
        Message = "Secrets are files in {Folder}. Every process on this database must see the same folder, so all of them must run on one machine; for several machines use Azure Key Vault (Portal:Vault:Kind)"
    )]
    private static partial void LogOneFolder(ILogger logger, string folder);

    [LoggerMessage(
        EventId = 4001,
        Level = LogLevel.Critical,
        Message = "SECRETS ARE KEPT IN THE LOCAL VAULT, files that any program of the portal's user can read. This is for development on a laptop only: configure Azure Key Vault (Portal:Vault:Kind) before anybody stores a real credential."
    )]
    private static partial void LogNotForProduction(ILogger logger);
}
