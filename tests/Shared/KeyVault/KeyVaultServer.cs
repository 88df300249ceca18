using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Portkey.Portal.Shared;

/// <summary>
/// Stands in for Azure Key Vault and Microsoft's sign-in service, by their own names over HTTPS: https://NAME.vault.azure.net and
/// https://login.microsoftonline.com. The client under test runs as it does in Azure, challenge verification and all; only the way
/// leads here. A client in this process takes <see cref="Handler"/>, another process <see cref="Environment"/>.
/// </summary>
public sealed class KeyVaultServer : IAsyncDisposable
{
    public const string SignInHost = "login.microsoftonline.com";
    public const string VaultDomain = "vault.azure.net";

    /// <summary>Names below it lead here too, with a certificate that fits; it is no domain of vaults.</summary>
    public const string ForeignDomain = "example.org";

    private readonly TemporaryFolder folder = new();
    private readonly X509Certificate2 certificate = KeyVaultCertificate.Make(
        "*." + VaultDomain,
        SignInHost,
        StorageAccounts.Host,
        "*." + ForeignDomain
    );
    private readonly KeyVaultProtocol protocol;
    private readonly KeyVaultSignIn signIn = new();
    private WebApplication? app;
    private KeyVaultProxy? proxy;

    private KeyVaultServer() => protocol = new KeyVaultProtocol(signIn, Faults, Log, Store);

    /// <summary>
    /// A vault that is there; every other name below the domain is one too, empty at first. No two servers have the same one: Azure's
    /// library remembers a vault's challenge as long as the process lives.
    /// </summary>
    public Uri Address { get; } = AddressOf("portal-" + Guid.NewGuid().ToString("n")[..12]);

    public KeyVaultFaults Faults { get; } = new();

    public KeyVaultLog Log { get; } = new();

    /// <summary>What the sign-in service knows and demands.</summary>
    public KeyVaultSignIn SignIn => signIn;

    /// <summary>Storage accounts, at Azure's management API.</summary>
    public StorageAccounts Accounts { get; } = new();

    /// <summary>PEM of the certificate, which is its own authority.</summary>
    public string Certificate => folder.Combine("authority.pem");

    /// <summary>File with the token of the service account, as AKS projects it.</summary>
    public string TokenFile => folder.Combine("token");

    /// <summary>Lines of a list's page.</summary>
    public int PageSize { get; set; } = 25;

    /// <summary>Whether deleted secrets cannot be purged.</summary>
    public bool IsPurgeProtected { get; set; }

    private Dictionary<string, KeyVaultStore> Stores { get; } = new(StringComparer.OrdinalIgnoreCase);

    private int Port => new Uri(app!.Urls.First()).Port;

    public static Uri AddressOf(string vault) => new($"https://{vault}.{VaultDomain}/");

    public static async Task<KeyVaultServer> StartAsync()
    {
        var server = new KeyVaultServer();
        await File.WriteAllTextAsync(server.Certificate, server.certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(server.TokenFile, server.signIn.FederatedToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server.certificate)));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        server.app = builder.Build();
        server.app.Run(server.HandleAsync);
        await server.app.StartAsync();
        server.proxy = new KeyVaultProxy(server.Port);
        return server;
    }

    /// <summary>The way here for a client in this process. The caller disposes it.</summary>
    public SocketsHttpHandler Handler()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(Certificate);
        return new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = { CertificateChainPolicy = policy },
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
    }

    /// <summary>The way here for another process, and who it is: what AKS injects into a pod with a workload identity, and a
    /// proxy.</summary>
    public IReadOnlyDictionary<string, string?> Environment =>
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HTTPS_PROXY"] = $"http://127.0.0.1:{proxy!.Port}",
            ["NO_PROXY"] = "127.0.0.1,localhost",
            ["SSL_CERT_FILE"] = Certificate,
            ["AZURE_AUTHORITY_HOST"] = $"https://{SignInHost}/",
            ["AZURE_TENANT_ID"] = KeyVaultSignIn.Tenant,
            ["AZURE_CLIENT_ID"] = KeyVaultSignIn.Client,
            ["AZURE_FEDERATED_TOKEN_FILE"] = TokenFile,
        };

    /// <summary>What a vault holds, to look at without the protocol.</summary>
    public KeyVaultStore Store(string host)
    {
        lock (Stores)
        {
            return Stores.TryGetValue(host, out var known) ? known : Stores[host] = new KeyVaultStore(this);
        }
    }

    public async ValueTask DisposeAsync()
    {
        proxy?.Dispose();
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        certificate.Dispose();
        folder.Dispose();
    }

    private Task HandleAsync(HttpContext context) =>
        context.Request.Host.Host.Equals(SignInHost, StringComparison.OrdinalIgnoreCase) ? signIn.HandleAsync(context, Log)
        : context.Request.Host.Host.Equals(StorageAccounts.Host, StringComparison.OrdinalIgnoreCase)
            ? Accounts.HandleAsync(context, signIn, Log)
        : protocol.HandleAsync(context);
}
