using System.Diagnostics.Tracing;
using Azure.Core;
using Azure.Core.Diagnostics;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Azure;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>The stand-in for Azure, the portal's own client before it, and everything that Azure's libraries log on the way.</summary>
internal sealed class KeyVaultWorld : IAsyncDisposable
{
    private readonly List<HttpClient> clients = [];
    private readonly AzureEventSourceListener listener;

    private KeyVaultWorld(KeyVaultServer server)
    {
        Server = server;
        listener = new AzureEventSourceListener((_, text) => Log.Add(text), EventLevel.LogAlways);
    }

    public KeyVaultServer Server { get; }

    public LogLines Log { get; } = new();

    public static async Task<KeyVaultWorld> StartAsync() => new(await KeyVaultServer.StartAsync());

    /// <summary>A client as the portal has it; tests change its configuration or its way.</summary>
    public KeyVaults Open(Action<VaultOptions>? change = null, HttpMessageHandler? way = null)
    {
        var options = Options();
        change?.Invoke(options);
        return new KeyVaults(
            Microsoft.Extensions.Options.Options.Create(options),
            Credential(options),
            TimeProvider.System,
            Transport(way ?? Server.Handler())
        );
    }

    /// <summary>Azure's own client, for what operators do and the portal never does.</summary>
    public SecretClient OpenPlain() =>
        new(Server.Address, Credential(Options()), new SecretClientOptions { Transport = Transport(Server.Handler()) });

    /// <summary>Calls to the vault that came through the door.</summary>
    public List<KeyVaultCall> Calls(string method = "") =>
        [
            .. Server.Log.Calls.Where(c =>
                c.Host != KeyVaultServer.SignInHost && c.Status != 401 && c.Method.StartsWith(method, StringComparison.Ordinal)
            ),
        ];

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        clients.ForEach(c => c.Dispose());
        await Server.DisposeAsync();
    }

    private VaultOptions Options() =>
        new()
        {
            Kind = "azure",
            Address = Server.Address.ToString(),
            TenantId = KeyVaultSignIn.Tenant,
            ClientId = KeyVaultSignIn.Client,
        };

    private TokenCredential Credential(VaultOptions options) =>
        KeyVaultCredential.Create(options, isDevelopment: true, Transport(Server.Handler()), Server.TokenFile);

    private HttpClientTransport Transport(HttpMessageHandler handler)
    {
        // As Azure.Core has it: its own clock for timeouts, not HttpClient's.
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        clients.Add(client);
        return new HttpClientTransport(client);
    }
}
