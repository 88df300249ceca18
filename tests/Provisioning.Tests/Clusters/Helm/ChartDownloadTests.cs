using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

/// <summary>Repositories and registries that want the portal to call somebody else, or to tell what it saw.</summary>
public sealed class ChartDownloadTests : IDisposable
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private readonly TemporaryFolder folder = new();
    private readonly HelmRunner helm;
    private readonly HttpListener web = new();
    private readonly int port = FreePort.Next();
    private readonly byte[] archive;

    // What the played server answers: path to status, headers and body.
    private readonly Dictionary<string, (int Status, string Header, byte[] Body)> answers = new(StringComparer.Ordinal);
    private readonly List<string> asked = [];

    public ChartDownloadTests()
    {
        helm = new HelmRunner(Options.Create(new ProvisioningOptions { DataDirectory = folder.Combine("data"), HelmPath = Tools.Helm }));
        archive = Archives.Chart("small", "1.0.0");
        web.Prefixes.Add($"http://127.0.0.1:{port}/");
        web.Start();
        _ = ServeAsync();
    }

    private string Location => $"http://127.0.0.1:{port}/charts#small";

    private string Oci => $"oci://127.0.0.1:{port}/charts/small";

    [Fact]
    public async Task Resolve_WithTheGuardAsItComes_CallsNoLoopback()
    {
        using var listener = new CountingListener();
        var store = new ChartStore(helm, Guard([]));
        foreach (
            var (source, location) in new[]
            {
                (ChartSource.Repository, $"http://127.0.0.1:{listener.Port}#x"),
                (ChartSource.Oci, $"oci://localhost:{listener.Port}/x"),
                (ChartSource.Repository, $"https://[::ffff:127.0.0.1]:{listener.Port}#x"),
            }
        )
        {
            Assert.Equal(("address-refused", false), await ProblemAsync(store, source, location));
        }

        Assert.Equal(0, listener.Calls);
    }

    [Fact]
    public async Task Resolve_OfAnIndexThatNamesAnotherAddress_DoesNotCallIt()
    {
        using var listener = new CountingListener(IPAddress.Parse("127.0.0.2"));
        foreach (
            var address in new[]
            {
                $"http://127.0.0.2:{listener.Port}/x.tgz",
                $"https://127.0.0.2:{listener.Port}/x.tgz",
                $"//127.0.0.2:{listener.Port}/x.tgz",
            }
        )
        {
            Index(address);
            Assert.Equal(("address-refused", false), await ProblemAsync(Store(), ChartSource.Repository, Location));
        }

        foreach (
            var address in new[]
            {
                "http://169.254.169.254/latest",
                "file:///etc/passwd",
                "ftp://example.com/x.tgz",
                "http://10.0.0.1/x.tgz",
                "https://me:hush@example.com/x.tgz",
            }
        )
        {
            Index(address);
            Assert.Equal(("chart-invalid", false), await ProblemAsync(Store(), ChartSource.Repository, Location));
        }

        Assert.Equal(0, listener.Calls);
    }

    [Fact]
    public async Task Resolve_OfARedirectToAnotherAddress_DoesNotCallIt()
    {
        using var listener = new CountingListener(IPAddress.Parse("127.0.0.2"));
        answers["/charts/index.yaml"] = (302, $"Location: http://127.0.0.2:{listener.Port}/", []);
        Assert.Equal(("address-refused", false), await ProblemAsync(Store(), ChartSource.Repository, Location));

        answers["/v2/charts/small/manifests/1.0.0"] = (307, $"Location: http://127.0.0.2:{listener.Port}/", []);
        Assert.Equal(("address-refused", false), await ProblemAsync(Store(), ChartSource.Oci, Oci));

        answers["/v2/charts/small/manifests/1.0.0"] = (
            401,
            $"WWW-Authenticate: Bearer realm=\"http://127.0.0.2:{listener.Port}/token\",service=\"x\"",
            []
        );
        Assert.Equal(("address-refused", false), await ProblemAsync(Store(), ChartSource.Oci, Oci));
        Assert.Equal(0, listener.Calls);
    }

    [Fact]
    public async Task Resolve_OfARedirectInARing_Ends()
    {
        answers["/charts/index.yaml"] = (302, "Location: /charts/index.yaml", []);
        Assert.Equal(("chart-unreachable", true), await ProblemAsync(Store(), ChartSource.Repository, Location));
    }

    [Fact]
    public async Task Resolve_OfPortsOpenAndClosed_SaysTheSame()
    {
        using var hangsUp = new CountingListener();
        await using var speaksOtherwise = await EchoAsync();
        var closed = FreePort.Next();
        answers["/charts/index.yaml"] = (500, "", []);
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var at in new[] { hangsUp.Port, speaksOtherwise.Port, closed, port })
        {
            foreach (
                var (source, location) in new[]
                {
                    (ChartSource.Repository, $"http://127.0.0.1:{at}/charts#small"),
                    (ChartSource.Repository, $"https://127.0.0.1:{at}/charts#small"),
                    (ChartSource.Oci, $"oci://127.0.0.1:{at}/small"),
                }
            )
            {
                if (source == ChartSource.Oci && at == port)
                {
                    continue; // it answers as a registry that has no such chart
                }

                said.Add(
                    (
                        await Assert.ThrowsAsync<ChartException>(() => Store().ResolveAsync(source, location, "1.0.0", null, default))
                    ).Message.Replace($"'{location}'", "", StringComparison.Ordinal)
                );
            }
        }

        Assert.Equal("The chart could not be fetched from . Its source could not be reached.", Assert.Single(said));
    }

    [Fact]
    public async Task Resolve_OfAnIndexThatNamesPortsOfOthers_SaysTheSameOfAll()
    {
        using var other = new HttpListener();
        var open = FreePort.Next();
        other.Prefixes.Add($"http://localhost:{open}/");
        other.Start();
        var answering = Task.Run(async () =>
        {
            var context = await other.GetContextAsync();
            context.Response.StatusCode = 404;
            context.Response.Close();
        });
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var at in new[] { open, FreePort.Next() })
        {
            Index($"http://localhost:{at}/x.tgz");
            said.Add(
                (
                    await Assert.ThrowsAsync<ChartException>(() =>
                        new ChartStore(helm, Guard(["127.0.0.0/8", "::1/128"])).ResolveAsync(
                            ChartSource.Repository,
                            Location,
                            "1.0.0",
                            null,
                            default
                        )
                    )
                ).Message
            );
        }

        Assert.Single(said);
        await answering;
    }

    [Fact]
    public async Task Resolve_FromARegistryThatWantsAToken_GetsAnAnonymousOne_AndKeepsItToThatHost()
    {
        using var elsewhere = new CountingListener();
        var digest = Digest(archive);
        Manifest(digest);
        answers["/v2/charts/small/blobs/" + digest] = (200, "", archive);
        answers["/token?service=reg.example&scope=repository%3Acharts%2Fsmall%3Apull"] = (
            200,
            "",
            Encoding.UTF8.GetBytes("""{"token":"anybody"}""")
        );
        answers["401"] = (401, $"WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"reg.example\"", []);

        Assert.Equal("small", (await Store().ResolveAsync(ChartSource.Oci, Oci, "1.0.0", null, default)).Name);
        Assert.Contains($"/v2/charts/small/blobs/{digest} Bearer anybody", asked);
        Assert.DoesNotContain(
            asked,
            a => a.StartsWith("/token", StringComparison.Ordinal) && a.Contains("Bearer", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Resolve_OfABlobThatIsNotTheManifests_IsRefused()
    {
        var digest = Digest(Archives.Chart("small", "2.0.0"));
        Manifest(digest);
        answers["/v2/charts/small/blobs/" + digest] = (200, "", archive);
        Assert.Equal(("digest-mismatch", false), await ProblemAsync(Store(), ChartSource.Oci, Oci));
    }

    [Theory]
    [InlineData("../../token")]
    [InlineData("sha256:abc")]
    [InlineData("sha512:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Resolve_OfAManifestWithADigestThatIsNone_IsRefused(string digest)
    {
        Manifest(digest);
        Assert.Equal(("chart-invalid", false), await ProblemAsync(Store(), ChartSource.Oci, Oci));
    }

    public static TheoryData<string, string> Indexes =>
        new()
        {
            { "entries: " + new string('[', 30_000), "nested deeper" },
            { "entries: &a {small: *a}", "alias" },
            { "entries:\n  small:\n  - {version: 1.0.0}\n", "no address" },
            { "entries: {small: {version: 1.0.0}}", "no such chart" },
            { "- a\n- b\n", "no such chart" },
            { "entries:\n  other:\n  - {version: 1.0.0, urls: [x.tgz]}\n", "no such chart" },
            { "a: b: c", "not YAML" },
            { "", "no such chart" },
        };

    [Theory]
    [MemberData(nameof(Indexes))]
    public async Task Resolve_OfAnIndexThatIsNone_SaysSo(string index, string says)
    {
        answers["/charts/index.yaml"] = (200, "", Encoding.UTF8.GetBytes(index));
        var problem = await Assert.ThrowsAsync<ChartException>(() =>
            Store().ResolveAsync(ChartSource.Repository, Location, "1.0.0", null, default)
        );
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_OfAnArchiveWithoutEnd_StopsAtTheBound()
    {
        Index("small.tgz");
        answers["/charts/small.tgz"] = (200, "", new byte[21 * 1024 * 1024]);
        Assert.Equal(("chart-too-large", false), await ProblemAsync(Store(), ChartSource.Repository, Location));
    }

    [Fact]
    public async Task Resolve_OfADigestWrittenEitherWay_IsCompared()
    {
        answers["/charts/small.tgz"] = (200, "", archive);
        foreach (var digest in new[] { Digest(archive), Digest(archive)[7..], Digest(archive)[7..].ToUpperInvariant(), "\"\"" })
        {
            Index("small.tgz", digest);
            Assert.Equal("1.0.0", (await Store().ResolveAsync(ChartSource.Repository, Location, "1.0.0", null, default)).Version);
        }

        foreach (var digest in new[] { Digest([1]), "sha256:x", new string('0', 64), "md5:0" })
        {
            Index("small.tgz", digest);
            Assert.Equal(("digest-mismatch", false), await ProblemAsync(Store(), ChartSource.Repository, Location));
        }
    }

    public void Dispose()
    {
        web.Close();
        helm.Dispose();
        folder.Dispose();
    }

    private static OutboundGuard Guard(string[] allowed) => new(Options.Create(new PreflightOptions { AllowedRanges = allowed }));

    private ChartStore Store() => new(helm, Guard(["127.0.0.1/32"]));

    private static async Task<(string Code, bool IsTransient)> ProblemAsync(ChartStore store, ChartSource source, string location)
    {
        var problem = await Assert.ThrowsAsync<ChartException>(() => store.ResolveAsync(source, location, "1.0.0", null, default));
        Assert.DoesNotContain("hush", problem.Message, StringComparison.Ordinal);
        return (problem.Code, problem.IsTransient);
    }

    private void Index(string address, string? digest = null) =>
        answers["/charts/index.yaml"] = (
            200,
            "",
            Encoding.UTF8.GetBytes(
                $"apiVersion: v1\nentries:\n  small:\n  - version: 1.0.0\n    urls: ['{address}']\n{(digest is null ? "" : $"    digest: {digest}\n")}"
            )
        );

    private void Manifest(string digest) =>
        answers["/v2/charts/small/manifests/1.0.0"] = (
            200,
            $"Content-Type: {ManifestType}",
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    schemaVersion = 2,
                    layers = new[]
                    {
                        new { mediaType = "application/vnd.cncf.helm.chart.provenance.v1.prov", digest = Digest([]) },
                        new { mediaType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip", digest },
                    },
                }
            )
        );

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await web.GetContextAsync();
                using var response = context.Response;
                var path = context.Request.Url!.PathAndQuery;
                var authorization = context.Request.Headers["Authorization"];
                asked.Add($"{path} {authorization}".TrimEnd());
                var (status, header, body) =
                    answers.TryGetValue("401", out var refusal)
                    && authorization is null
                    && path.StartsWith("/v2/", StringComparison.Ordinal)
                        ? refusal
                        : answers.GetValueOrDefault(path, (404, "", []));
                response.StatusCode = status;
                if (header.Length > 0)
                {
                    response.Headers.Add(header);
                }

                try
                {
                    await response.OutputStream.WriteAsync(body);
                }
                catch (HttpListenerException)
                {
                    // The portal had enough.
                }
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private static Task<EchoServer> EchoAsync() => Task.FromResult(new EchoServer());

    /// <summary>Says something that is neither HTTP nor TLS.</summary>
    private sealed class EchoServer : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Task serving;

        public EchoServer()
        {
            listener.Start();
            serving = ServeAsync();
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            listener.Dispose();
            await serving;
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    await client.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.2\r\n\r\n"u8.ToArray());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // Closed.
            }
        }
    }
}
