using Portkey.Portal.Provisioning.Clouds;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>Azure Key Vault keeps the contract, through its stand-in.</summary>
public sealed class KeyVaultContractTests : VaultContract, IAsyncLifetime
{
    private KeyVaultWorld? world;

    public async ValueTask InitializeAsync() => world = await KeyVaultWorld.StartAsync();

    public ValueTask DisposeAsync() => world?.DisposeAsync() ?? default;

    protected override ISecretVault Open() => world!.Open();
}
