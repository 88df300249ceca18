using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Engine.Preflight.Jobs;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>Preflight's Jobs: the cluster's own Job controller, and a real process that makes real connections.</summary>
public abstract class NetworkJobTests(EngineFixture engine)
{
    private const string Namespace = NetworkJobObjects.Namespace;

    [Fact]
    public async Task Job_InItsWholeLife_NamesWhatItReaches_FailsByName_AndLeavesNothing()
    {
        await engine.Cluster.KubectlAsync("delete", "clusterrolebinding,clusterrole", "preflight-jobs-for-tests", "--ignore-not-found");
        try
        {
            // The chart gives the right only where it is told to.
            Is(CheckStatus.Warning, "job-forbidden", await LookAsync());
            await engine.GiveRightsAsync("preflight-jobs", "preflightJobs: true", "  # Preflight's short Jobs");
            await ReachedAsync();
            await ImageAsync();
            await QuotaAsync();
            await LeftoversAsync();
            await SomebodyElsesAsync();
        }
        finally
        {
            // Nothing that other tests, which compare rights with their use, would see.
            await engine.Cluster.KubectlAsync("delete", "namespace", Namespace, "--ignore-not-found");
            await engine.Cluster.KubectlAsync("delete", "clusterrolebinding,clusterrole", "preflight-jobs-for-tests", "--ignore-not-found");
        }
    }

    private async Task ReachedAsync()
    {
        using var open = new CountingListener();
        var closed = FreePort.Next();
        var result = await LookAsync(
            redis: $"redis://:canary-password@127.0.0.1:{closed}",
            plane: $"http://127.0.0.1:{open.Port}",
            otel: engine.Proxy.BaseUrl.ToString()
        );
        Is(CheckStatus.Failed, $"REDIS_URL (127.0.0.1:{closed}) cannot be reached (ECONNREFUSED)", result);
        Is(CheckStatus.Failed, $"CONTROL_PLANE_BASEPATH (127.0.0.1:{open.Port}) answers", result);
        Is(CheckStatus.Failed, "answers over TLS with a certificate that Node.js does not trust", result);
        Assert.Equal(LookedFrom.Job, result.LookedFrom);
        Assert.True(open.Calls > 0, "the Job's pod connected itself");
        await NothingLeftAsync();

        Is(CheckStatus.Passed, "answers", await LookAsync(plane: $"http://127.0.0.1:{open.Port}"));
        Is(CheckStatus.Failed, "takes connections, but not over TLS", await LookAsync(plane: $"https://127.0.0.1:{open.Port}"));
        Is(CheckStatus.Failed, "nowhere.invalid:443) has no address there", await LookAsync(plane: "https://nowhere.invalid"));
        Is(CheckStatus.Failed, "was not called", await LookAsync(plane: "http://169.254.169.254"));
    }

    private async Task ImageAsync()
    {
        Is(CheckStatus.Warning, "job-image", await LookAsync(image: "docker.io/portkeyai/gateway:99.0.0"));
        Is(CheckStatus.Warning, "job-failed", await LookAsync(jobImage: "docker.io/sandbox/crash:1"));
        Is(
            CheckStatus.Warning,
            "is not an answer. It said: «<img src=x onerror=alert(1)> [2J{",
            await LookAsync(jobImage: "docker.io/sandbox/liar:1")
        );
        await NothingLeftAsync();
    }

    private async Task QuotaAsync()
    {
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: none, namespace: {Namespace}}}, spec: {{hard: {{pods: \"0\"}}}}}}"
        );
        await Eventually.TrueAsync(
            async () =>
                (await engine.Cluster.KubectlAsync("get", "resourcequota", "none", "-n", Namespace, "-o", "jsonpath={.status.hard.pods}"))
                == "0",
            "the quota holds"
        );
        Is(CheckStatus.Warning, "job-quota", await LookAsync());
        await engine.Cluster.KubectlAsync("delete", "resourcequota", "none", "-n", Namespace);
    }

    // A portal that died between making and removing; what others made there stays.
    private async Task LeftoversAsync()
    {
        var targets = new NetworkTargets([new(new EgressNeed("REDIS_URL", "redis", new NetworkAddress("127.0.0.1", 1)), "", true)], []);
        var job = NetworkJobObjects.Job(
            "look-left",
            "docker.io/portkeyai/gateway:1.15.2",
            null,
            targets,
            [],
            ["127.0.0.0/8"],
            TimeSpan.FromSeconds(60)
        );
        await engine.Cluster.ApplyAsync(job.ToJsonString());
        await engine.Cluster.ApplyAsync(NetworkJobObjects.Egress("look-left", []).ToJsonString());
        await engine.Writer.WritePullSecretAsync(
            engine.Connection,
            Namespace,
            "look-left",
            "registry.example.com",
            "user",
            new SecretValue("password"),
            NetworkJobObjects.Of("look-left"),
            default
        );
        await engine.Cluster.KubectlAsync("create", "configmap", "somebodys", "-n", Namespace);
        Assert.Empty(await NetworkJobLeftovers.SweepAsync(engine.Connection, DateTimeOffset.UtcNow, default));
        var removed = await NetworkJobLeftovers.SweepAsync(
            engine.Connection,
            DateTimeOffset.UtcNow + NetworkJobLeftovers.Age + TimeSpan.FromMinutes(1),
            default
        );
        Assert.Equal(["jobs/look-left", "networkpolicies/look-left", "secrets/look-left"], removed);
        await NothingLeftAsync();
        await engine.Cluster.KubectlAsync("get", "configmap", "somebodys", "-n", Namespace);
        Assert.Equal("default-deny", await NamesAsync("networkpolicies"));
    }

    private async Task SomebodyElsesAsync()
    {
        await engine.Cluster.KubectlAsync("label", "namespace", Namespace, $"{NetworkJobObjects.Label}-");
        Is(CheckStatus.Warning, "somebody else's", await LookAsync());
        Assert.Empty(await NetworkJobLeftovers.SweepAsync(engine.Connection, DateTimeOffset.UtcNow + TimeSpan.FromDays(1), default));
    }

    private async Task NothingLeftAsync() =>
        await Eventually.TrueAsync(
            async () => await NamesAsync("jobs") + await NamesAsync("pods") is "" && await NamesAsync("networkpolicies") is "default-deny",
            "nothing of the Job is left"
        );

    private async Task<string> NamesAsync(string plural) =>
        await engine.Cluster.KubectlAsync("get", plural, "-n", Namespace, "-o", "jsonpath={.items[*].metadata.name}");

    private async Task<CheckResult> LookAsync(
        string redis = "",
        string plane = "http://127.0.0.1:1",
        string otel = "",
        string image = "docker.io/portkeyai/gateway:1.15.2",
        string jobImage = ""
    )
    {
        var options = Options.Create(
            new PreflightOptions
            {
                AllowedRanges = ["127.0.0.0/8"],
                JobTimeoutSeconds = 30,
                JobImage = jobImage,
            }
        );
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CONTROL_PLANE_BASEPATH"] = plane,
            ["CACHE_STORE"] = "custom",
        };
        if (otel.Length > 0)
        {
            (settings["OTEL_PUSH_ENABLED"], settings["OTEL_ENDPOINT"]) = ("true", otel);
        }

        var manifest =
            """{kind: Deployment, metadata: {name: portkey-gateway}, spec: {template: {spec: {containers: [{name: gateway, image: "IMAGE"}]}}}}""".Replace(
                "IMAGE",
                image,
                StringComparison.Ordinal
            );
        var subject = new PreflightSubject(new EnvironmentSpec { Edition = Edition.Enterprise, Settings = settings }, manifest)
        {
            Cluster = engine.Connection,
            Namespace = "job-look",
            EnvironmentId = Guid.NewGuid(),
            ReleaseName = EngineFixture.Release,
            Zones = 1,
            PreflightJobs = true,
            Pins =
                redis.Length > 0
                    ? new Dictionary<string, SecretPin> { ["REDIS_URL"] = new("REDIS_URL", 1, "1") }
                    : new Dictionary<string, SecretPin>(),
        };
        if (redis.Length > 0)
        {
            subject.Secrets = new Dictionary<string, SecretValue> { ["REDIS_URL"] = new(redis) };
        }

        var result = Assert.IsType<CheckResult>(
            await new PreflightRunner(null!, new OutboundGuard(options), options).RunAsync(
                "cluster-network",
                subject,
                CancellationToken.None
            )
        );
        Assert.DoesNotContain("canary-password", $"{result}", StringComparison.Ordinal);
        return result;
    }

    private static void Is(CheckStatus status, string says, CheckResult result) =>
        Assert.True(
            result.Status == status && result.Message.Contains(says, StringComparison.Ordinal),
            $"{status} '{says}' was expected: {result}"
        );
}
