using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>Vault for a laptop: one file a secret below the data folder, encrypted with Data Protection.</summary>
public sealed class LocalVault(IOptions<ProvisioningOptions> options, IDataProtectionProvider protection) : ISecretVault
{
    private readonly string folder = Path.Combine(options.Value.DataDirectory, "vault");
    private readonly IDataProtector protector = protection.CreateProtector("Portkey.Portal.LocalVault");

    /// <inheritdoc/>
    public Task<string> SetAsync(string name, SecretValue value, CancellationToken cancellationToken) => throw new NotSupportedException(folder + protector);

    /// <inheritdoc/>
    public Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <inheritdoc/>
    public Task DisableAsync(string name, string version, CancellationToken cancellationToken) => throw new NotSupportedException();
}
