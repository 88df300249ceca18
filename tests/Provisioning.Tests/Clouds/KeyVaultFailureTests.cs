using System.Net.Sockets;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Azure;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>Each way to fail is told apart, and the message says what to do about it.</summary>
public sealed class KeyVaultFailureTests : IAsyncLifetime
{
    private KeyVaultWorld world = null!;

    public async ValueTask InitializeAsync() => world = await KeyVaultWorld.StartAsync();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Theory]
    [InlineData(403, "Forbidden", "ForbiddenByRbac", VaultFailure.Forbidden, "'Key Vault Secrets Officer'")]
    [InlineData(403, "Forbidden", "", VaultFailure.Forbidden, "'Key Vault Secrets Officer'")]
    [InlineData(403, "Forbidden", "ForbiddenByPolicy", VaultFailure.Forbidden, "access policy")]
    [InlineData(403, "Forbidden", "AccessDenied", VaultFailure.Forbidden, "access policy")]
    [InlineData(403, "Forbidden", "ForbiddenByFirewall", VaultFailure.Forbidden, "firewall")]
    [InlineData(403, "Forbidden", "ForbiddenByConnection", VaultFailure.Forbidden, "private endpoint")]
    [InlineData(403, "Forbidden", "SecretDisabled", VaultFailure.Disabled, "disabled")]
    [InlineData(404, "SecretNotFound", "", VaultFailure.NotFound, "no such version")]
    [InlineData(404, "ResourceNotFound", "", VaultFailure.Unavailable, "no such vault")]
    [InlineData(401, "Unauthorized", "", VaultFailure.Forbidden, "Portal:Vault:TenantId")]
    [InlineData(409, "Conflict", "ObjectIsDeletedButRecoverable", VaultFailure.Conflict, "az keyvault secret recover")]
    [InlineData(409, "Conflict", "ObjectIsBeingDeleted", VaultFailure.Unavailable, "busy")]
    [InlineData(409, "Conflict", "ObjectIsBeingRecovered", VaultFailure.Unavailable, "busy")]
    [InlineData(400, "BadParameter", "", VaultFailure.Forbidden, "BadParameter")]
    public async Task Refusal_OfEachKind_SaysWhatToDo(int status, string code, string inner, VaultFailure failure, string words)
    {
        world.Server.Faults.Fail(status, code, inner);
        var problem = await FailAsync(world.Open());
        Assert.Equal((failure, failure == VaultFailure.Unavailable), (problem.Failure, problem.IsTransient));
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.Contains(world.Server.Address.Host.Split('.')[0], problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_ByASecretThatAnOperatorDeleted_IsAConflict()
    {
        var vault = world.Open();
        await vault.SetAsync("a", new SecretValue("one"), new SecretAttributes("e", "p"), default);
        await vault.DeleteAsync("a", default);
        var problem = await Assert.ThrowsAsync<VaultException>(() =>
            vault.SetAsync("a", new SecretValue("two"), new SecretAttributes("e", "p"), default)
        );
        Assert.Equal((VaultFailure.Conflict, false), (problem.Failure, problem.IsTransient));
    }

    [Theory]
    [InlineData("500")]
    [InlineData("break")]
    [InlineData("429")]
    public async Task Trouble_Once_IsRepeatedUnnoticed(string kind)
    {
        _ = kind switch
        {
            "500" => world.Server.Faults.Fail(500, "InternalError"),
            "break" => world.Server.Faults.Break(),
            _ => world.Server.Faults.Throttle(retryAfter: null),
        };
        Assert.NotEmpty(await world.Open().SetAsync("a", new SecretValue("one"), new SecretAttributes("e", "p"), default));
        Assert.Single(world.Server.Store(world.Server.Address.Host).Secrets["a"]);
    }

    [Theory]
    [InlineData("500", "status 500")]
    [InlineData("break", "broke the connection")]
    [InlineData("hang", "did not answer within 2 s")]
    public async Task Trouble_ThatStays_IsTransientAndSaysSo(string kind, string words)
    {
        _ = kind switch
        {
            "500" => world.Server.Faults.Fail(500, "InternalError", calls: 9),
            "break" => world.Server.Faults.Break(9),
            _ => world.Server.Faults.Hang(9),
        };
        var vault = world.Open(o => o.TimeoutSeconds = kind == "hang" ? 2 : 20);
        var started = DateTime.UtcNow;
        var problem = await FailAsync(vault);
        Assert.Equal((VaultFailure.Unavailable, true), (problem.Failure, problem.IsTransient));
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.InRange(DateTime.UtcNow - started, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Network_WithoutTheVaultsName_PointsAtAddressAndDns()
    {
        using var way = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = (_, _) => throw new SocketException((int)SocketError.HostNotFound),
        };
        var problem = await FailAsync(world.Open(way: way));
        Assert.Equal(VaultFailure.Unavailable, problem.Failure);
        Assert.Contains("private DNS zone", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Network_WithACertificateOfSomebodyElse_SaysSo()
    {
        using var way = world.Server.Handler();
        way.SslOptions = new();
        var problem = await FailAsync(world.Open(way: way));
        Assert.Equal(VaultFailure.Unavailable, problem.Failure);
        Assert.Contains("SSL_CERT_FILE", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Challenge_ForAnotherDomain_GetsNoToken()
    {
        var problem = await FailAsync(world.Open(o => o.Address = $"https://vault.{KeyVaultServer.ForeignDomain}/"));
        Assert.Equal(VaultFailure.Forbidden, problem.Failure);
        Assert.Contains("a domain other than", problem.Message, StringComparison.Ordinal);
        Assert.All(world.Server.Log.Calls, c => Assert.Equal(401, c.Status));
    }

    [Fact]
    public async Task SignIn_ForAVaultOfAnotherTenant_NamesTheTenantSetting()
    {
        world.Server.SignIn.VaultTenant = "6f1d9d5e-31f7-4c11-9c3e-000000000009";
        var problem = await FailAsync(world.Open());
        Assert.Equal(VaultFailure.Forbidden, problem.Failure);
        Assert.Contains("another tenant", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_WithoutAFederatedCredential_NamesAzuresCodeAndNotTheToken()
    {
        world.Server.SignIn.RefusesFederation = true;
        var problem = await FailAsync(world.Open());
        Assert.Equal(VaultFailure.Forbidden, problem.Failure);
        Assert.Contains("AADSTS700213", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Server.SignIn.FederatedToken, problem + world.Log.Text, StringComparison.Ordinal);
    }

    private static Task<VaultException> FailAsync(KeyVaults vault) =>
        Assert.ThrowsAsync<VaultException>(() => vault.GetAsync("a", new string('0', 32), default));
}
