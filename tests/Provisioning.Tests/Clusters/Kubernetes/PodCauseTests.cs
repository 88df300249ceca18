using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

/// <summary>What a pod says of itself, in words.</summary>
public sealed class PodCauseTests
{
    private const string Image = "docker.io/portkeyai/gateway:99.9.9";

    [Theory]
    [InlineData("ErrImagePull", "rpc error: code = NotFound desc = failed to resolve reference: not found", "the registry has no such image")]
    [InlineData("ImagePullBackOff", "Back-off pulling image \"x\": ErrImagePull: manifest unknown", "the registry has no such image")]
    [InlineData("ErrImagePull", "pull access denied, repository does not exist or may need authorization", "the registry refuses")]
    [InlineData("ErrImagePull", "dial tcp: lookup registry.example.com: no such host", "the registry cannot be reached from the cluster")]
    [InlineData("ErrImagePull", "toomanyrequests: You have reached your pull rate limit", "the registry limits requests")]
    [InlineData("InvalidImageName", "couldn't parse image name", "that is not an image name")]
    [InlineData("ImagePullBackOff", "Back-off pulling image \"x\"", "waits before it tries again")]
    public void Of_AnImageThatCannotBePulled_NamesItAndWhy(string word, string message, string why)
    {
        var cause = PodCause.Of(Waiting(word, message));

        Assert.Equal("image-pull", cause.Code);
        Assert.StartsWith($"cannot get its image {Image}: ", cause.Says, StringComparison.Ordinal);
        Assert.Contains(why, cause.Says, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ACrashLoop_SaysHowOftenAndWithWhatItEnded()
    {
        var pod = Waiting("CrashLoopBackOff", "back-off 40s restarting failed container");
        pod.Status.ContainerStatuses[0].RestartCount = 4;
        pod.Status.ContainerStatuses[0].LastState = new()
        {
            Terminated = new()
            {
                ExitCode = 1,
                Reason = "Error",
                Message = "REDIS_URL is not a URL\n",
            },
        };

        var cause = PodCause.Of(pod);

        Assert.Equal(
            ("crash-loop", "ends and is started again, 4 times so far, last with exit code 1: REDIS_URL is not a URL"),
            (cause.Code, cause.Says)
        );
    }

    [Fact]
    public void Of_APodOutOfMemory_NamesItsLimit()
    {
        var pod = Waiting("CrashLoopBackOff", "back-off");
        pod.Spec.Containers[0].Resources = new() { Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("256Mi") } };
        pod.Status.ContainerStatuses[0].RestartCount = 1;
        pod.Status.ContainerStatuses[0].LastState = new() { Terminated = new() { ExitCode = 137, Reason = "OOMKilled" } };

        var cause = PodCause.Of(pod);

        Assert.Equal(
            ("out-of-memory", "needs more memory than its limit of 256Mi and has ended and was started again once"),
            (cause.Code, cause.Says)
        );
    }

    [Theory]
    [InlineData("couldn't find key api-key in Secret payments-dev/s1", "key api-key is missing in Secret s1")]
    [InlineData("secret \"s1\" not found", "Secret s1 is not in the namespace")]
    [InlineData("configmap \"company-ca\" not found", "ConfigMap company-ca is not in the namespace")]
    [InlineData("something else.", "something else")]
    public void Of_AContainerThatCannotBeMade_NamesWhatIsMissing(string message, string says)
    {
        var cause = PodCause.Of(Waiting("CreateContainerConfigError", message));

        Assert.Equal(("container-config", $"cannot start its container: {says}"), (cause.Code, cause.Says));
    }

    [Theory]
    [InlineData("0/3 nodes are available: 3 Insufficient cpu.", "no-room", "finds no node: no node has enough CPU free")]
    [InlineData(
        "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint(s).",
        "no-room",
        "finds no node: no node has enough memory free, and the nodes are kept for other pods (taints)"
    )]
    [InlineData(
        "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
        "no-node",
        "finds no node: no node has the labels that it asks for"
    )]
    [InlineData("of another kind", "no-room", "finds no node: of another kind")]
    public void Of_APodThatFindsNoNode_SaysWhatNodesLack(string message, string code, string says)
    {
        var pod = new V1Pod
        {
            Metadata = new() { Name = "gateway-1" },
            Status = new()
            {
                Phase = "Pending",
                Conditions = [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message }],
            },
        };

        var cause = PodCause.Of(pod);

        Assert.Equal((code, says), (cause.Code, cause.Says));
    }

    [Theory]
    [InlineData("Readiness probe failed: HTTP probe failed with statuscode: 404", "its readiness probe is answered with HTTP 404")]
    [InlineData("Readiness probe failed: dial tcp 10.0.0.1:87: connection refused", "nothing listens where its readiness probe asks")]
    [InlineData("Liveness probe failed: context deadline exceeded", "its liveness probe gets no answer in time")]
    public void With_EventsOfAProbe_SaysWhatTheProbeFound(string message, string says)
    {
        var pod = Waiting(null, "");

        Assert.Equal(("not-ready", "runs, but is not ready"), (PodCause.Of(pod).Code, PodCause.Of(pod).Says));
        Assert.Equal($"runs, but is not ready: {says}", PodCause.Of(pod).With([Event("Unhealthy", message)]).Says);
    }

    [Fact]
    public void With_SeveralProbesThatFail_SaysWhatReadinessFound() =>
        Assert.Contains(
            "its readiness probe is answered with HTTP 404",
            PodCause
                .Of(Waiting(null, ""))
                .With([
                    Event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404"),
                    Event("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503"),
                ])
                .Says,
            StringComparison.Ordinal
        );

    [Fact]
    public void With_AVolumeThatCannotBeMounted_NamesWhatIsMissing()
    {
        var cause = PodCause
            .Of(Waiting("ContainerCreating", ""))
            .With([Event("FailedMount", "MountVolume.SetUp failed for volume \"ca\" : configmap \"company-ca\" not found")]);

        Assert.Equal(("volume", "waits for a volume: ConfigMap company-ca is not in the namespace"), (cause.Code, cause.Says));
    }

    [Fact]
    public void Of_AReadyPod_SaysNothing()
    {
        var pod = Waiting(null, "");
        pod.Status.Conditions = [new() { Type = "Ready", Status = "True" }];

        Assert.Equal(("", ""), (PodCause.Of(pod).Code, PodCause.Of(pod).Says));
    }

    [Fact]
    public void Gather_OneSentenceSaidAgainAndAgain_IsOneEventWithItsCount()
    {
        var at = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        PodEvent[] said =
        [
            new("Normal", "Scheduled", "Assigned", 1, at),
            new("Warning", "Failed", "Failed to pull image: not found", 3, at.AddSeconds(1)),
            new("Warning", "Failed", "Error: ErrImagePull", 3, at.AddSeconds(2)),
            new("Warning", "Failed", "Failed to pull image: not found", 1, at.AddSeconds(4)),
            new("Warning", "Failed", "Error: ImagePullBackOff", 5, at.AddSeconds(5)),
        ];

        var events = PodEvent.Gather(said, 10);

        Assert.Equal(["Scheduled: Assigned", "Failed: Failed to pull image: not found (4 times)"], events.Select(e => e.ToString()));
        Assert.Equal([false, true], events.Select(e => e.IsWarning));
        Assert.Single(PodEvent.Gather(said[2..3], 10)); // the word alone is better than nothing
    }

    private static PodEvent Event(string reason, string message) => new(PodEvent.Warning, reason, message, 1, null);

    private static V1Pod Waiting(string? word, string message) =>
        new()
        {
            Metadata = new() { Name = "gateway-1" },
            Spec = new() { Containers = [new() { Name = "gateway", Image = Image }] },
            Status = new()
            {
                Phase = word is null ? "Running" : "Pending",
                ContainerStatuses =
                [
                    new()
                    {
                        Name = "gateway",
                        State = word is null ? new() { Running = new() } : new() { Waiting = new() { Reason = word, Message = message } },
                    },
                ],
            },
        };
}
