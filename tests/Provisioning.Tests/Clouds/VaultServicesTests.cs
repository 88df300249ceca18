using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Azure;
using Portkey.Portal.Provisioning.Clouds.Local;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>Who gets the vault, which one, and what is said about a wrong configuration.</summary>
public sealed class VaultServicesTests : IDisposable
{
    private static readonly (string, string)[] Azure = [("Kind", "azure"), ("Address", "https://portal-tests.vault.azure.net")];

    private readonly LocalVaultFolder folder = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Services_OfTheWebTier_CanWriteAndCannotRead(bool isAzure)
    {
        var services = folder.Services(reads: false, settings: isAzure ? Azure : []);
        Assert.NotNull(services.GetService<ISecretWriter>());
        Assert.Null(services.GetService<ISecretVault>());
        Assert.Null(services.GetService<IVaultInventory>());
        Assert.Null(services.GetService<LocalVault>());
        Assert.Null(services.GetService<KeyVaults>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Services_OfAWorker_AreOneVault(bool isAzure)
    {
        var services = folder.Services("Production", settings: isAzure ? Azure : []);
        var vault = services.GetRequiredService<ISecretVault>();
        Assert.Equal(isAzure, vault is KeyVaults);
        Assert.Same(vault, services.GetRequiredService<ISecretWriter>());
        Assert.Same(vault, services.GetRequiredService<IVaultInventory>());
        Assert.Equal(!isAzure, folder.Log.Text.Contains("SECRETS ARE KEPT IN THE LOCAL VAULT", StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_OfEverythingWrong_SaysAllAtOnce()
    {
        var services = folder.Services(
            settings:
            [
                ("Kind", "azure"),
                ("Address", "http://x/y?z"),
                ("Teams:Up", "https://ok.vault.azure.net"),
                ("Teams:search", "nonsense"),
                ("TenantId", "a b"),
                ("ClientId", "x"),
                ("CallsPerSecond", "0"),
                ("TimeoutSeconds", "900"),
            ]
        );
        var wrong = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<VaultOptions>>().Value).Failures;
        Assert.All(
            ["Address", "Teams:Up", "Teams:search", "TenantId", "ClientId", "CallsPerSecond", "TimeoutSeconds"],
            key => Assert.Contains(wrong, w => w.StartsWith($"Portal:Vault:{key}:", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void Validate_OfAnAddressWithoutItsKind_IsRefused()
    {
        var services = folder.Services(settings: [("Address", "https://portal-tests.vault.azure.net")]);
        Assert.Contains(
            "Portal:Vault:Kind",
            Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<VaultOptions>>().Value).Message,
            StringComparison.Ordinal
        );
    }

    public void Dispose() => folder.Dispose();
}
