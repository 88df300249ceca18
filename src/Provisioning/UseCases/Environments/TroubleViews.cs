using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>What is wrong with an environment, for whoever is called at night: what, since when, who changed what just before, and what
/// helps.</summary>
/// <param name="Code">Machine word, such as <c>image-pull</c>.</param>
/// <param name="Cause">In words, from the pod itself where it says something.</param>
/// <param name="Effect">What it means for callers.</param>
/// <param name="Serves">Whether callers still get answers; null where that is unknown.</param>
/// <param name="Since">UTC.</param>
/// <param name="Change">The last change before; null where none is known.</param>
/// <param name="Cure">What helps.</param>
/// <param name="Others">What can be done besides.</param>
/// <param name="Events">What the cluster noted about the pod, oldest first.</param>
public sealed record TroubleView(
    string Code,
    string Cause,
    string Effect,
    bool? Serves,
    DateTime? Since,
    ChangeBefore? Change,
    CureView Cure,
    IReadOnlyList<CureView> Others,
    IReadOnlyList<PodEvent> Events
)
{
    /// <summary>The full message of the portal or the cluster; empty where the cause says it all.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Operation that failed, whose log says more; null where none did.</summary>
    public Guid? OperationId { get; init; }
}

/// <summary>A change that the portal made.</summary>
/// <param name="RequestId">Request.</param>
/// <param name="Kind">What was asked for.</param>
/// <param name="Revision">Revision that it brought.</param>
/// <param name="RequestedBy">Name of who asked.</param>
/// <param name="ApprovedBy">Names of who approved; empty where no approval was needed.</param>
/// <param name="At">UTC time at which its work began.</param>
/// <param name="Reason">Why, in the requester's words.</param>
public sealed record ChangeBefore(
    Guid RequestId,
    RequestKind Kind,
    int Revision,
    string RequestedBy,
    string ApprovedBy,
    DateTime At,
    string Reason
);

/// <summary>What can be done about it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Label">What it is called on its button; empty where there is nothing to press.</param>
/// <param name="Why">What to do, in one sentence.</param>
/// <param name="Subject">Revision, setting or cluster that it is about; empty for none.</param>
public sealed record CureView(CureKind Kind, string Label, string Why, string Subject = "");

/// <summary>Kinds of what can be done.</summary>
public enum CureKind
{
    /// <summary>Nothing has to be done; it continues by itself.</summary>
    Wait,

    /// <summary>Another image tag.</summary>
    ChangeImage,

    /// <summary>Another size.</summary>
    ChangeSize,

    /// <summary>Other settings.</summary>
    ChangeSettings,

    /// <summary>A new value of a secret.</summary>
    StoreSecret,

    /// <summary>Back to an earlier revision.</summary>
    Rollback,

    /// <summary>What is approved, once more.</summary>
    ApplyAgain,

    /// <summary>The operation that failed, once more.</summary>
    TryAgain,

    /// <summary>Somebody must look at the cluster.</summary>
    AskOperators,
}
