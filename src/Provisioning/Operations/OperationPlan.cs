using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>The steps of each kind of operation, in order.</summary>
public static class OperationPlan
{
    /// <summary>Steps that make an approved revision real.</summary>
    public static IReadOnlyList<string> Apply { get; } = ["preflight", "namespace", "secrets", "guardrails", "helm", "wait", "health", "record"];

    /// <summary>Steps of a rotation: the old version is disabled only after the new one was seen to work.</summary>
    public static IReadOnlyList<string> Rotate { get; } = ["preflight", "namespace", "secrets", "guardrails", "helm", "wait", "health", "probe", "soak", "retire", "record"];

    /// <summary>Steps of a removal.</summary>
    public static IReadOnlyList<string> Remove { get; } = ["uninstall", "remove-namespace", "retire", "record"];

    /// <summary>What people read for a step.</summary>
    public static string TitleOf(string step) => step switch
    {
        "preflight" => "Preflight",
        "namespace" => "Prepare namespace",
        "secrets" => "Write secrets",
        "guardrails" => "Apply guardrails",
        "helm" => "Run Helm",
        "wait" => "Wait for pods",
        "health" => "Ask the gateway",
        "probe" => "Try the new version",
        "soak" => "Watch the new version",
        "retire" => "Disable old secrets",
        "record" => "Record the result",
        "uninstall" => "Uninstall the release",
        "remove-namespace" => "Remove the namespace",
        _ => step,
    };

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
        var steps = kind switch { RequestKind.Delete => Remove, RequestKind.Rotate => Rotate, _ => Apply };
        for (var i = 0; i < steps.Count; i++)
        {
            operation.Steps.Add(new OperationStep { OperationId = operation.Id, Order = i, Name = steps[i] });
        }

        return operation;
    }
}
