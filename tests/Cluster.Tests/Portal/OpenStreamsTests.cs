using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Portal;

/// <summary>
/// Fifty callers hold streams open through two pods of the real gateway while the portal changes, rotates, upgrades and scales them down.
/// Each stream has a connection of its own; a connection that a caller keeps for his next request stays with its pod, in Kubernetes as
/// here.
/// </summary>
public sealed class OpenStreamsTests : IAsyncLifetime
{
    private const int Callers = 50;

    private readonly TemporaryFolder charts = new();
    private StreamingProvider provider = null!;
    private SandboxProcess sandbox = null!;
    private PortalProcess portal = null!;
    private Api lead = null!;
    private Api admin = null!;

    public async ValueTask InitializeAsync()
    {
        provider = await StreamingProvider.StartAsync();
        provider.Pieces = 10;
        provider.Pause = TimeSpan.FromMilliseconds(200);
        sandbox = await SandboxProcess.StartAsync();
        portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Kubeconfig = sandbox.Kubeconfig,
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__Rotation__SoakSeconds"] = "0",
                    ["Portal__StreamProbe__Url"] = provider.Host,
                },
            }
        );
        (lead, admin) = (new Api(await portal.ClientAsync("lead-payments")), new Api(await portal.ClientAsync("admin-1")));
    }

    public async ValueTask DisposeAsync()
    {
        lead?.Dispose();
        admin?.Dispose();
        foreach (var part in new IAsyncDisposable?[] { portal, sandbox, provider })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        charts.Dispose();
    }

    [Fact]
    public async Task Streams_ThroughRolloutRotationUpgradeAndScaleDown_AreNotCut()
    {
        var newer = await RegisterAsync(
            "1.7.70",
            template =>
                template.Replace(
                    "        checksum/config:",
                    "        example.com/newer: \"yes\"\n        checksum/config:",
                    StringComparison.Ordinal
                )
        );
        var (id, address) = await CreateAsync("payments-streams", chartVersion: null);
        using var streams = await OpenStreams.StartAsync(address, provider, Callers);

        Uncut(await ChangeAsync(id, new { profile = "dev", spec = Spec(2, "second") }));
        (await lead.PutTextAsync($"/api/v1/environments/{id}/secrets/PORTKEY_CLIENT_AUTH", "second-client-key")).Expect(HttpStatusCode.OK);
        Uncut(await DoneAsync($"/api/v1/environments/{id}/rotate", new { key = "PORTKEY_CLIENT_AUTH", reason = "yearly" }));
        Uncut(
            await ChangeAsync(
                id,
                new
                {
                    profile = "dev",
                    chartVersion = newer,
                    spec = Spec(2, "second"),
                }
            )
        );
        await DoneAsync(
            $"/api/v1/environments/{id}/change",
            new
            {
                profile = "dev",
                chartVersion = newer,
                spec = Spec(1, "second"),
            }
        );

        // Until the last pod that was told to go has gone.
        await Eventually.TrueAsync(async () => await PodsAsync("payments-streams") == 1, "one pod is left", TimeSpan.FromSeconds(60));
        var tally = await streams.StopAsync();

        Assert.True(tally.Cuts.Count == 0, tally.ToString());
        Assert.Equal(tally.Opened, tally.Finished);
        Assert.InRange(tally.Finished, Callers * 3, int.MaxValue);
    }

    [Fact]
    public async Task Streams_ThroughARolloutWithoutPreStop_AreCut_TheApproverWasTold_AndTheOperationGoesBack()
    {
        var bare = await RegisterAsync(
            "1.7.71",
            template =>
                template.Replace(
                    "{{- with .Values.extraContainerConfig }}",
                    "{{- with (omit .Values.extraContainerConfig \"lifecycle\") }}",
                    StringComparison.Ordinal
                )
        );
        var (id, address) = await CreateAsync("payments-cut", bare);
        using var streams = await OpenStreams.StartAsync(address, provider, Callers);

        var request = (
            await lead.PostAsync(
                $"/api/v1/environments/{id}/change",
                new
                {
                    profile = "dev",
                    chartVersion = bare,
                    spec = Spec(2, "second"),
                }
            )
        ).Expect(HttpStatusCode.Created);
        var operation = await admin.FinishedAsync((await admin.ApproveAsync(request)).Text("operationId"));
        var tally = await streams.StopAsync();

        Assert.NotEmpty(tally.Cuts);
        Assert.Contains(
            (await admin.RequestAsync(request.Text("id")))["findings"]!.AsArray(),
            f =>
                f!.Text("kind") == "draining"
                && f!.Text("message").StartsWith("Requests that are under way are cut", StringComparison.Ordinal)
        );
        Assert.True(operation.Text("state") == "failed" && operation.Text("errorCode") == "streams-cut", operation.ToJsonString());
        Assert.InRange((int)operation["streams"]!["cut"]!, 1, (int)operation["streams"]!["opened"]!);
        var running = await KubectlAsync(
            "get",
            "deployment",
            "portkey-gateway",
            "-n",
            "payments-cut",
            "-o",
            "jsonpath={.spec.template.metadata.annotations.example\\.com/turn}"
        );
        Assert.Equal("first", running);
    }

    private static void Uncut(JsonNode operation)
    {
        var streams = operation["streams"] ?? throw new InvalidOperationException($"no synthetic streams: {operation.ToJsonString()}");
        Assert.True((int)streams["cut"]! == 0 && (int)streams["opened"]! > 0, operation.ToJsonString());
        Assert.Equal((int)streams["opened"]!, (int)streams["finished"]!);
        Assert.InRange((int)streams["longestGapMilliseconds"]!, 1, 20_000);
    }

    private static object Spec(int replicas, string turn) =>
        new
        {
            edition = "oss",
            replicas,
            imageTag = "1.15.2",
            network = new { exposure = "internal" },
            annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["example.com/turn"] = turn },
            settings = new Dictionary<string, string>(StringComparer.Ordinal),
        };

    // Our own chart under another version, its Deployment written as told.
    private async Task<string> RegisterAsync(string version, Func<string, string> deployment)
    {
        var folder = charts.Combine(version);
        ChartCopy.Write(Path.Combine(folder, "gateway"), version);
        var template = Path.Combine(folder, "gateway", "templates", "deployment.yaml");
        var text = await File.ReadAllTextAsync(template);
        await File.WriteAllTextAsync(
            template,
            deployment(text) is var changed && changed != text
                ? changed
                : throw new InvalidOperationException("The chart's Deployment has no such line any more.")
        );
        (
            await admin.PostAsync(
                "/api/v1/charts",
                new
                {
                    source = "directory",
                    location = Path.Combine(folder, "gateway"),
                    edition = "oss",
                }
            )
        ).Expect(HttpStatusCode.Created);
        return version;
    }

    private async Task<(string Id, Uri Address)> CreateAsync(string name, string? chartVersion)
    {
        var spec = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(Spec(2, "first")))!;
        spec["secrets"] = new JsonObject { ["PORTKEY_CLIENT_AUTH"] = "first-client-key" };
        var request = await lead.CreatedAsync(
            new
            {
                kind = "create",
                team = "payments",
                name,
                cluster = "sandbox",
                profile = "dev",
                chartVersion,
                reason = "for the checkout",
                spec,
            }
        );
        var approved = await admin.ApproveAsync(request);
        var environment = await admin.AppliedAsync(approved);
        return (approved.Text("environmentId"), new Uri(environment.Text("endpoint")));
    }

    private Task<JsonNode> ChangeAsync(string id, object change) => DoneAsync($"/api/v1/environments/{id}/change", change);

    private async Task<JsonNode> DoneAsync(string path, object body)
    {
        var request = (await lead.PostAsync(path, body)).Expect(HttpStatusCode.Created);
        return await admin.SucceededAsync((await admin.ApproveAsync(request)).Text("operationId"));
    }

    private async Task<int> PodsAsync(string ns) =>
        (await KubectlAsync("get", "pods", "-n", ns, "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private async Task<string> KubectlAsync(params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo(Tools.Kubectl, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { ["KUBECONFIG"] = sandbox.Kubeconfig },
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }
}
