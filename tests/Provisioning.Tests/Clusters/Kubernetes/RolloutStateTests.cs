using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

public sealed class RolloutStateTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Failure_OfACrashLoopOfTheOldPods_IsNone()
    {
        var state = State(Pod("old", "rs-1", "CrashLoopBackOff", restarts: 9), Pod("new", "rs-2", word: null));
        Assert.Null(state.Failure(Now));
    }

    [Fact]
    public void Failure_OfACrashLoopOfTheNewPods_ComesAtTheThirdRestart()
    {
        Assert.Null(State(Pod("new", "rs-2", "CrashLoopBackOff", restarts: 2)).Failure(Now));
        Assert.Equal("crash-loop", State(Pod("new", "rs-2", "CrashLoopBackOff", restarts: 3)).Failure(Now)!.Code);
    }

    [Theory]
    [InlineData("ErrImagePull", "ImagePullBackOff", "image-pull")]
    [InlineData("CreateContainerConfigError", "CreateContainerConfigError", "container-config")]
    public void Failure_OfAProblemThatMayPass_ComesAfterPatience(string first, string then, string code)
    {
        var state = State(Pod("new", "rs-2", first));
        Assert.Null(state.Failure(Now));
        Assert.Equal(Now + RolloutState.Patience, state.NextLook());
        state.Pods = [Pod("new", "rs-2", then)];
        Assert.Equal(code, state.Failure(Now + RolloutState.Patience)!.Code);
    }

    [Fact]
    public void Failure_OfAProblemThatPassed_IsForgotten()
    {
        var state = State(Pod("new", "rs-2", "ErrImagePull"));
        state.Failure(Now);
        state.Pods = [Pod("new", "rs-2", word: null)];
        Assert.Null(state.Failure(Now + RolloutState.Patience));
        Assert.Null(state.NextLook());
    }

    [Theory]
    [InlineData(1, 2, 2, 2, 2, false)]
    [InlineData(2, 2, 1, 2, 2, false)]
    [InlineData(2, 2, 2, 3, 2, false)]
    [InlineData(2, 2, 2, 2, 1, false)]
    [InlineData(2, 2, 2, 2, 2, true)]
    public void Of_ADeployment_IsCurrentOnlyWhenEverythingIs(
        int observed,
        int generation,
        int updated,
        int replicas,
        int available,
        bool current
    )
    {
        var deployment = Deployment();
        deployment.Metadata.Generation = generation;
        deployment.Status = new V1DeploymentStatus
        {
            ObservedGeneration = observed,
            UpdatedReplicas = updated,
            Replicas = replicas,
            AvailableReplicas = available,
        };
        Assert.Equal(current, Kstatus.Of(deployment).Current);
    }

    [Theory]
    [InlineData("", "crash-loop", "ends", "Pod gw-1 ends.")]
    [InlineData("It stands", "crash-loop", "ends", "It stands; pod gw-1 ends.")]
    [InlineData("It stands", "not-ready", "runs", "It stands; pod gw-1 runs, but is not ready: its readiness probe is answered with HTTP 503.")]
    [InlineData("It stands", "", "", "It stands. The pod waits for a volume: Secret gw is not in the namespace.")]
    public void Message_OfAFailure_SaysWhatThePodAndItsEventsSay(string reason, string code, string says, string message)
    {
        PodEvent[] events =
        [
            new(PodEvent.Warning, "FailedMount", "secret \"gw\" not found", 1, null),
            new(PodEvent.Warning, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 1, null),
        ];
        var cause = code.Length == 0 ? PodCause.None : new PodCause(code, says);

        Assert.Equal(message, new RolloutFailure("x", reason, "gw-1") { Cause = cause }.Message(events));
        Assert.Equal("It stands.", new RolloutFailure("x", "It stands", "").Message([]));
    }

    private static RolloutState State(params V1Pod[] pods) =>
        new()
        {
            Deployments = [Deployment()],
            StatefulSets = [],
            ReplicaSets = [Set("rs-1", "1"), Set("rs-2", "2")],
            Pods = pods,
        };

    private static V1Deployment Deployment() =>
        new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = "gateway",
                Uid = "d",
                Generation = 2,
                Annotations = new Dictionary<string, string> { ["deployment.kubernetes.io/revision"] = "2" },
            },
            Spec = new V1DeploymentSpec { Replicas = 2 },
            Status = new V1DeploymentStatus { ObservedGeneration = 2 },
        };

    private static V1ReplicaSet Set(string uid, string revision) =>
        new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = uid,
                Uid = uid,
                OwnerReferences = [Owner("d")],
                Annotations = new Dictionary<string, string> { ["deployment.kubernetes.io/revision"] = revision },
            },
        };

    private static V1Pod Pod(string name, string owner, string? word, int restarts = 0) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name, OwnerReferences = [Owner(owner)] },
            Status = new V1PodStatus
            {
                Phase = "Running",
                ContainerStatuses =
                [
                    new V1ContainerStatus
                    {
                        RestartCount = restarts,
                        State = word is null
                            ? new V1ContainerState()
                            : new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = word } },
                    },
                ],
            },
        };

    private static V1OwnerReference Owner(string uid) => new() { Uid = uid, Controller = true };
}
