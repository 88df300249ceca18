using Microsoft.Extensions.DependencyInjection;

namespace Portkey.Portal.Provisioning.Clouds.Local;

/// <summary>A laptop: a vault of files, which no cluster can read.</summary>
/// <param name="rules">What its clusters understand: those of the cloud that the portal is for, so that what is tried on a laptop is what
/// runs there.</param>
internal sealed class LocalCloud(ICloudRules rules) : ICloud
{
    public string Kind => "local";

    public IVaultDelivery? Delivery => null;

    public ICloudRules Rules { get; } = rules;

    public ICloudVault OpenVault(IServiceProvider services) => ActivatorUtilities.CreateInstance<LocalVault>(services);

    /// <summary>None: this vault is itself encrypted by the keys that such a secret would wrap.</summary>
    public INamedSecrets? OpenNamedSecrets(IServiceProvider services) => null;
}
