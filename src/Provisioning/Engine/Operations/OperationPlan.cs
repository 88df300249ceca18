using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Operations.Steps;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>The steps of each kind of operation, in order.</summary>
public static class OperationPlan
{
    /// <summary>Steps that make an approved revision real.</summary>
    public static IReadOnlyList<StepInfo> Apply { get; } =
    [
        PreflightStep.Info,
        NamespaceStep.Info,
        SecretsStep.Info,
        GuardrailsStep.Info,
        HelmStep.Info,
        CompareStep.Info,
        WaitStep.Info,
        HealthStep.Info,
        RecordStep.Info,
    ];

    /// <summary>Steps of a rotation: the old version is disabled only after the new one was seen to work.</summary>
    public static IReadOnlyList<StepInfo> Rotate { get; } =
    [
        PreflightStep.Info,
        NamespaceStep.Info,
        SecretsStep.Info,
        GuardrailsStep.Info,
        HelmStep.Info,
        CompareStep.Info,
        WaitStep.Info,
        HealthStep.Info,
        ProbeStep.Info,
        SoakStep.Info,
        RetireStep.Info,
        RecordStep.Info,
    ];

    /// <summary>Steps of a removal.</summary>
    public static IReadOnlyList<StepInfo> Remove { get; } =
    [UninstallStep.Info, RemoveNamespaceStep.Info, RetireStep.Info, RecordStep.Info];

    /// <summary>Every step that some plan holds, once.</summary>
    public static IReadOnlyList<StepInfo> All { get; } = [.. Apply.Concat(Rotate).Concat(Remove).Distinct()];

    /// <summary>The plan of a kind.</summary>
    public static IReadOnlyList<StepInfo> Of(RequestKind kind) =>
        kind switch
        {
            RequestKind.Delete => Remove,
            RequestKind.Rotate => Rotate,
            _ => Apply,
        };

    /// <summary>A step's title for people; its name where only another version of the portal knows it.</summary>
    public static string TitleOf(string step) => Find(step)?.Title ?? step;

    internal static StepInfo? Find(string step) => All.FirstOrDefault(s => s.Name == step);

    internal static Operation New(Guid environmentId, Guid requestId, RequestKind kind, int revision, string requestedBy, DateTime now)
    {
        var operation = new Operation
        {
            EnvironmentId = environmentId,
            ChangeRequestId = requestId,
            Kind = kind,
            Revision = revision,
            NotBefore = DateTime.UnixEpoch, // at once, whatever the clocks of web, worker and database say
            CreatedAt = now,
            RequestedBy = requestedBy,
        };
        var steps = Of(kind);
        for (var i = 0; i < steps.Count; i++)
        {
            operation.Steps.Add(
                new OperationStep
                {
                    OperationId = operation.Id,
                    Order = i,
                    Name = steps[i].Name,
                }
            );
        }

        return operation;
    }
}
