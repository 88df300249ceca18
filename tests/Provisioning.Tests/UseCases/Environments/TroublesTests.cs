using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>Cause, since when and the action that helps, for each state in which an environment can fail.</summary>
public sealed class TroublesTests
{
    private static readonly DateTime Now = new(2026, 5, 6, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("image-pull", "cannot get its image gateway:9: the registry has no such image or tag", CureKind.ChangeImage)]
    [InlineData("image-pull", "cannot get its image gateway:9: the registry cannot be reached from the cluster", CureKind.TryAgain)]
    [InlineData("crash-loop", "ends and is started again, 3 times so far, last with exit code 1", CureKind.ChangeSettings)]
    [InlineData("out-of-memory", "needs more memory than its limit of 256Mi", CureKind.ChangeSize)]
    [InlineData("container-config", "cannot start its container: Secret company is not in the namespace", CureKind.ChangeSettings)]
    [InlineData("container-config", "cannot start its container: key REDIS_URL is missing in Secret s1", CureKind.StoreSecret)]
    [InlineData("no-room", "finds no node: no node has enough CPU free", CureKind.ChangeSize)]
    [InlineData("no-node", "finds no node: no node has the labels that it asks for", CureKind.AskOperators)]
    [InlineData("not-ready", "runs, but is not ready: its readiness probe is answered with HTTP 404", CureKind.ChangeSettings)]
    public void Of_AFirstRevisionWhosePodsFail_SaysWhatThePodSays(string code, string says, CureKind cure)
    {
        var trouble = Trouble(Failed(applied: 0) with { Seen = Seen(ready: 0, code, says) });

        Assert.Equal((code, $"The gateway {says}."), (trouble.Code, trouble.Cause));
        Assert.Equal(Now.AddMinutes(-5), trouble.Since);
        Assert.False(trouble.Serves);
        Assert.Contains("there is none to go back to", trouble.Effect, StringComparison.Ordinal);
        Assert.Equal(cure, trouble.Cure.Kind);
        Assert.NotEmpty(trouble.Cure.Why);
        Assert.Contains(trouble.Others.Append(trouble.Cure), c => c.Kind == CureKind.TryAgain);
    }

    [Fact]
    public void Of_AFailedOperationBeforeAnyLook_TakesThePodsWordsOutOfItsMessage()
    {
        var facts = Failed(applied: 0) with
        {
            Failed = Operation(
                "rollout-timeout",
                "It was not ready after 300 seconds: Deployment portkey-gateway: 0 of 1 pod is available; pod portkey-gateway-5d4f-x2 runs, but is not ready: its readiness probe is answered with HTTP 404."
            ),
            Seen = null,
        };

        var trouble = Trouble(facts);

        Assert.Equal("The gateway runs, but is not ready: its readiness probe is answered with HTTP 404.", trouble.Cause);
        Assert.StartsWith("It was not ready after 300 seconds", trouble.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_APreflightThatRefused_SaysThatNothingWasApplied()
    {
        var trouble = Trouble(
            Failed(applied: 0) with
            {
                Failed = Operation(
                    "quota-exceeded",
                    "Preflight stopped it before anything was changed. company allows 1 of pods, and 2 are needed."
                ),
                Health = HealthStatus.Unhealthy,
                Seen = EnvironmentObservation.Missing("ns", Now),
            }
        );

        Assert.Equal("company allows 1 of pods, and 2 are needed.", trouble.Cause);
        Assert.StartsWith("Nothing was applied", trouble.Effect, StringComparison.Ordinal);
        Assert.Equal(CureKind.ChangeSize, trouble.Cure.Kind);
    }

    [Fact]
    public void Of_AChangeThatWasGoneBackFrom_SaysWhichRevisionServes()
    {
        var trouble = Trouble(
            Failed(applied: 1) with
            {
                Failed = Operation(
                    "image-pull",
                    "Pod portkey-gateway-1 cannot get its image gateway:9: the registry has no such image or tag.",
                    2
                ),
                Health = HealthStatus.Healthy,
                HealthSince = Now.AddDays(-3),
                GoodRevision = 1,
                Seen = Seen(ready: 1, "", ""),
            }
        );

        Assert.Equal("The gateway of v2 cannot get its image gateway:9: the registry has no such image or tag.", trouble.Cause);
        Assert.Equal((true, "v1 serves on."), (trouble.Serves, trouble.Effect));
        Assert.Equal(Now.AddMinutes(-5), trouble.Since);
        Assert.Equal(CureKind.ChangeImage, trouble.Cure.Kind);
        Assert.Contains(trouble.Others, o => o is { Kind: CureKind.Rollback, Label: "Go back to v1", Subject: "1" });
    }

    [Fact]
    public void Of_AnUpgradeThatWasGoneBackFrom_OffersTheWayBackFirst()
    {
        var trouble = Trouble(
            Failed(applied: 1) with
            {
                Failed = Operation("rollout-timeout", "It was not ready after 20 seconds: 0 of 1 pod is new.", 2),
                LastKind = RequestKind.Upgrade,
                Health = HealthStatus.Healthy,
                GoodRevision = 1,
            }
        );

        Assert.Equal((CureKind.Rollback, "1"), (trouble.Cure.Kind, trouble.Cure.Subject));
    }

    [Theory]
    [InlineData(2, CureKind.Rollback)]
    [InlineData(2000, CureKind.ChangeSettings)]
    public void Of_PodsThatBrokeByThemselves_GoesBackOnlyFromARecentChange(int hours, CureKind cure)
    {
        var change = new ChangeBefore(Guid.Empty, RequestKind.Change, 2, "Lea Lead", "Ada Admin", Now.AddMinutes(-5).AddHours(-hours), "");
        var trouble = Trouble(
            Ready(HealthStatus.Unhealthy, Seen(ready: 0, "crash-loop", "ends and is started again, 9 times so far")) with
            {
                Change = change,
                GoodRevision = 1,
            }
        );

        Assert.Equal(cure, trouble.Cure.Kind);
        Assert.Same(change, trouble.Change);
        Assert.Equal("Callers get no answer from it.", trouble.Effect);
        Assert.DoesNotContain(trouble.Others, o => o.Kind == CureKind.TryAgain); // nothing failed that could be tried again
    }

    [Fact]
    public void Of_OneOfTwoPods_SaysThatTheOtherServes()
    {
        var seen = Seen(ready: 1, "no-room", "finds no node: no node has enough CPU free", wanted: 2);
        var trouble = Trouble(Ready(HealthStatus.Degraded, seen));

        Assert.Equal("A pod of the gateway finds no node: no node has enough CPU free.", trouble.Cause);
        Assert.Equal((true, "It serves, with 1 of 2 pods."), (trouble.Serves, trouble.Effect));
    }

    [Fact]
    public void Of_WhatSomebodyRemovedInTheCluster_AppliesItAgain()
    {
        foreach (
            var (seen, code) in new[]
            {
                (EnvironmentObservation.Missing("ns", Now), "namespace-gone"),
                (Seen(ready: 0, "", "") with { Workloads = [], Pods = [] }, "gateway-gone"),
                (Seen(ready: 1, "", "") with { Services = [] }, "service-gone"),
            }
        )
        {
            var trouble = Trouble(Ready(HealthStatus.Unhealthy, seen));

            Assert.Equal((code, CureKind.ApplyAgain, "Apply v2 again"), (trouble.Code, trouble.Cure.Kind, trouble.Cure.Label));
        }
    }

    [Fact]
    public void Of_ADeploymentOverQuota_ChangesTheSize()
    {
        var seen = Seen(ready: 0, "", "");
        seen = seen with
        {
            Workloads =
            [
                seen.Workloads[0] with
                {
                    Stalled = true,
                    Current = false,
                    Reason = "Deployment gateway cannot make its pods: exceeded quota: q",
                },
            ],
            Pods = [],
        };

        Assert.Equal(CureKind.ChangeSize, Trouble(Ready(HealthStatus.Unhealthy, seen)).Cure.Kind);
    }

    [Fact]
    public void Of_AClusterThatDoesNotAnswer_KnowsNothingAndSaysSo()
    {
        var trouble = Trouble(
            Ready(HealthStatus.Unknown, Seen(ready: 1, "", "")) with
            {
                HealthReason = "Cluster aks could not be queried: Cluster 'aks' cannot be reached: Connection refused.",
            }
        );

        Assert.Equal(("cluster-unreachable", "Cluster aks does not answer the portal."), (trouble.Code, trouble.Cause));
        Assert.Null(trouble.Serves);
        Assert.Equal((CureKind.AskOperators, "aks"), (trouble.Cure.Kind, trouble.Cure.Subject));
        Assert.DoesNotContain(trouble.Others, o => o.Kind == CureKind.Rollback);
    }

    [Theory]
    [InlineData("cluster-unreachable")]
    [InlineData("helm-timeout")]
    [InlineData("interrupted")]
    public void Of_AFailureThatPasses_TriesAgain(string code)
    {
        var trouble = Trouble(Failed(applied: 0) with { Failed = Operation(code, "It did not go through."), Seen = null });

        Assert.Equal(CureKind.TryAgain, trouble.Cure.Kind);
        Assert.DoesNotContain(trouble.Others, o => o.Kind == CureKind.TryAgain);
    }

    [Theory]
    [InlineData(HealthStatus.Healthy)]
    [InlineData(HealthStatus.Progressing)]
    [InlineData(HealthStatus.Suspended)]
    public void Of_WhatIsWell_IsNothing(HealthStatus health) => Assert.Null(Troubles.Of(Ready(health, Seen(ready: 1, "", ""))));

    [Fact]
    public void Judge_OfARolloutThatWasGivenUp_IsUnhealthyWithThePodsWords()
    {
        var seen = Seen(ready: 0, "not-ready", "runs, but is not ready: its readiness probe is answered with HTTP 404");

        Assert.Equal(HealthStatus.Progressing, HealthVerdict.Judge(seen, null).Status);
        var (status, reason) = HealthVerdict.Judge(seen, null, gaveUp: true);
        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.Contains("HTTP 404", reason, StringComparison.Ordinal);
    }

    private static TroubleView Trouble(TroubleFacts facts) => Troubles.Of(facts)!;

    private static TroubleFacts Failed(int applied) =>
        new(EnvironmentState.Failed, HealthStatus.Unhealthy, "Its only pod is not ready.", applied, "aks")
        {
            HealthSince = Now.AddMinutes(-4),
            Failed = Operation("rollout-timeout", "It was not ready."),
            LastKind = applied == 0 ? RequestKind.Create : RequestKind.Change,
            Secrets = ["REDIS_URL", "PORTKEY_CLIENT_AUTH"],
            MayRetry = true,
        };

    private static TroubleFacts Ready(HealthStatus health, EnvironmentObservation seen) =>
        new(EnvironmentState.Ready, health, "It is so.", 2, "aks") { HealthSince = Now.AddMinutes(-5), Seen = seen };

    private static FailedOperation Operation(string code, string message, int revision = 1) =>
        new(Guid.Empty, RequestKind.Create, revision, code, message, Now.AddMinutes(-5));

    private static EnvironmentObservation Seen(int ready, string code, string says, int wanted = 1) =>
        new(
            Now,
            "ns",
            NamespaceFound: true,
            Terminating: false,
            [
                new(
                    "Deployment",
                    "gateway",
                    "gateway",
                    wanted,
                    ready,
                    ready == wanted,
                    Stalled: false,
                    RolledOut: false,
                    $"{ready} of {wanted} pods are available"
                ),
            ],
            [
                .. Enumerable.Range(0, ready).Select(i => Pod($"gateway-{i}", ready: true)),
                .. ready < wanted ? new[] { Pod("gateway-9", ready: false) with { Code = code, Says = says } } : [],
            ],
            [new("gateway", "gateway", "ClusterIP", "10.0.0.1", [new("http", 8787, 0)], [])],
            [],
            []
        );

    private static PodObservation Pod(string name, bool ready) => new(name, "gateway", ready, "Running", 0, "node", "a", "");
}
