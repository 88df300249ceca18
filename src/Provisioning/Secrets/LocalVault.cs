using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>
/// Vault for a laptop: one file a secret below the data folder, encrypted with Data Protection. Whoever can read the data folder can read
/// the keys too, so it says so loudly outside Development.
/// </summary>
public sealed partial class LocalVault : ISecretVault
{
    // What Key Vault takes, so that what works on a laptop works there.
    private const int LongestValue = 25 * 1024;

    private readonly VaultFiles files;
    private readonly IDataProtector protector;

    /// <summary>Prepares the folder.</summary>
    public LocalVault(IOptions<ProvisioningOptions> options, IDataProtectionProvider protection, IHostEnvironment environment, ILogger<LocalVault> logger)
    {
        files = new VaultFiles(Path.GetFullPath(Path.Combine(options.Value.DataDirectory, "vault")));
        protector = protection.CreateProtector("Portkey.Portal.LocalVault");
        if (!environment.IsDevelopment())
        {
            LogNotForProduction(logger);
        }
    }

    /// <inheritdoc/>
    public async Task<string> SetAsync(string name, SecretValue value, CancellationToken cancellationToken)
    {
        Check(name);
        var bytes = Encoding.UTF8.GetBytes(value.Reveal());
        if (bytes.Length > LongestValue)
        {
            throw new VaultException(VaultFailure.Forbidden, $"The value has {bytes.Length} bytes; the vault takes at most {LongestValue}.");
        }

        var version = Guid.CreateVersion7().ToString("n");
        await files.ChangeAsync(
            name,
            versions => versions.Add(new StoredVersion(version, Convert.ToBase64String(Protector(name, version).Protect(bytes)), Disabled: false, DateTime.UtcNow)),
            cancellationToken);
        return version;
    }

    /// <inheritdoc/>
    public async Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken)
    {
        Check(name);
        var stored = (await files.ReadAsync(name, cancellationToken)).Find(v => v.Id == version) ?? throw Missing(name, version);
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
            throw new VaultException(VaultFailure.Damaged, $"Version {version} of secret '{name}' cannot be decrypted. If the folder 'keys' was lost, store the secret anew.", problem);
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
                var at = versions.FindIndex(v => v.Id == version);

                // For good: what nobody may read again need not be kept.
                versions[at >= 0 ? at : throw Missing(name, version)] = versions[at] with { Disabled = true, Value = "" };
            },
            cancellationToken);
    }

    // Bound to name and version: a file copied over another one does not decrypt.
    private IDataProtector Protector(string name, string version) => protector.CreateProtector(name, version);

    private static VaultException Missing(string name, string version) => new(VaultFailure.NotFound, $"There is no version {version} of secret '{name}'.");

    private static void Check(string name)
    {
        if (!Name().IsMatch(name))
        {
            throw new VaultException(VaultFailure.NotFound, "A secret's name has 1 to 127 lower-case letters, digits and '-'.");
        }
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,127}\z")]
    private static partial Regex Name();

    [LoggerMessage(EventId = 4001, Level = LogLevel.Critical, Message = "SECRETS ARE KEPT IN THE LOCAL VAULT, a file whose keys lie beside it. It is for development on a laptop only: configure Azure Key Vault before anybody stores a real credential.")]
    private static partial void LogNotForProduction(ILogger logger);
}
