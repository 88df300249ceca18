using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Health;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Health;

public sealed class HealthVerdictTests
{
    private static readonly ProbeResult Answers = new(Ran: true, Ok: true, 200, 12, "HTTP 200.");
    private static readonly ProbeResult Fails = new(Ran: true, Ok: false, 500, 12, "GET / answered HTTP 500.");
    private static readonly ProbeResult DidNotRun = new(Ran: false, Ok: false, null, 0, "The cluster cannot be reached.");

    [Fact]
    public void Judge_OfWhatNobodySaw_IsUnknown() => Assert.Equal(HealthStatus.Unknown, HealthVerdict.Judge(null, Answers).Status);

    [Fact]
    public void Judge_OfEverythingInOrder_IsHealthy() => Expect(HealthStatus.Healthy, See(), Answers);

    [Fact]
    public void Judge_WhenTheProbeCouldNotRun_IsUnknownAndNotUnhealthy()
    {
        Expect(HealthStatus.Unknown, See(), DidNotRun);
        Expect(HealthStatus.Unknown, See(), null);
    }

    [Fact]
    public void Judge_OfAGatewayThatAnswersWithAnError_IsUnhealthy() => Expect(HealthStatus.Unhealthy, See(), Fails);

    [Fact]
    public void Judge_OfAMissingNamespace_IsUnhealthy() =>
        Expect(HealthStatus.Unhealthy, EnvironmentObservation.Missing("x", default), null);

    [Fact]
    public void Judge_OfNoPodsOnPurpose_IsSuspended() => Expect(HealthStatus.Suspended, See(desired: 0, ready: 0), null);

    [Fact]
    public void Judge_OfAFirstRollout_IsProgressing() => Expect(HealthStatus.Progressing, See(ready: 0, rolledOut: false), null);

    [Fact]
    public void Judge_OfPodsLostAfterTheRollout_IsDegraded() => Expect(HealthStatus.Degraded, See(ready: 1), Answers);

    [Fact]
    public void Judge_OfAllPodsLostAfterTheRollout_IsUnhealthy() => Expect(HealthStatus.Unhealthy, See(ready: 0), null);

    [Theory]
    [InlineData("CrashLoopBackOff")]
    [InlineData("ImagePullBackOff")]
    [InlineData("CreateContainerConfigError")]
    public void Judge_OfPodsInTrouble_DependsOnWhetherOthersServe(string word)
    {
        Expect(HealthStatus.Unhealthy, See(ready: 0, rolledOut: false, word: word), null);
        Expect(HealthStatus.Degraded, See(ready: 1, rolledOut: false, word: word), Answers);
    }

    [Fact]
    public void Judge_OfALoadBalancerWithoutAddress_IsDegraded() =>
        Expect(HealthStatus.Degraded, See() with { Services = [new("gateway", "gateway", "LoadBalancer", "10.0.0.1", [], [])] }, Answers);

    [Fact]
    public void Judge_OfAServiceThatSomebodyDeleted_IsUnhealthyAndNamesIt()
    {
        var deleted = See() with { Services = [] };
        Expect(HealthStatus.Unhealthy, deleted, null);
        Assert.Contains("Service", HealthVerdict.Judge(deleted, null).Reason, StringComparison.Ordinal);
        Expect(HealthStatus.Unhealthy, See() with { Services = [new("redis", "redis", "ClusterIP", "10.0.0.2", [], [])] }, null);
    }

    [Fact]
    public void Judge_OfAutoscalingThatCannot_IsDegraded() =>
        Expect(
            HealthStatus.Degraded,
            See() with
            {
                Autoscalers = [new("gateway", 2, 4, 2, 2, ScalingActive: false, "no metrics")],
            },
            Answers
        );

    private static void Expect(HealthStatus expected, EnvironmentObservation seen, ProbeResult? probe)
    {
        var (status, reason) = HealthVerdict.Judge(seen, probe);
        Assert.True(status == expected, $"{status}: {reason}");
        Assert.EndsWith(".", reason, StringComparison.Ordinal);
    }

    private static EnvironmentObservation See(int desired = 2, int ready = 2, bool rolledOut = true, string word = "Running") =>
        new(
            default,
            "ns",
            NamespaceFound: true,
            Terminating: false,
            [
                new(
                    "Deployment",
                    "gateway",
                    "gateway",
                    desired,
                    ready,
                    ready >= desired && word == "Running",
                    Stalled: false,
                    rolledOut,
                    ready < desired ? $"{ready} of {desired} pods are available" : ""
                ),
            ],
            [new("gateway-1", "gateway", ready > 0 && word == "Running", word, 0, "node", "a", "")],
            [new("gateway", "gateway", "ClusterIP", "10.0.0.1", [new("http", 8787, 0)], [])],
            [],
            []
        );
}
