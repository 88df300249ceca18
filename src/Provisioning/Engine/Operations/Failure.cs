using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>What went wrong with an attempt, for people, and whether another try can help.</summary>
internal sealed record Failure(string Code, string Message, bool IsTransient)
{
    public static Failure Of(Exception exception, Redactor redactor) =>
        exception switch
        {
            OperationFailedException e => new(e.Code, redactor.Redact(e.Message), IsTransient: false),
            ClusterException e => new(e.Code, redactor.Redact(e.Message), e.IsTransient),
            HelmException e => new("helm-" + e.Failure.ToString().ToLowerInvariant(), redactor.Redact(e.Message), e.IsTransient),
            ChartException e => new(e.Code, redactor.Redact(e.Message), e.IsTransient),
            VaultException e => new(e.Code, redactor.Redact(e.Message), e.IsTransient),
            _ when IsOfTheDatabase(exception) => new(
                "database",
                "The portal's database did not answer or has no room; the operation continues when it does.",
                IsTransient: true
            ),
            IOException e => new("io", $"The portal's own disk or network failed: {redactor.Redact(e.Message)}", IsTransient: true),
            OperationCanceledException => new("interrupted", "The attempt was interrupted.", IsTransient: true),
            _ => new(
                "internal",
                "Something unexpected went wrong in the portal itself. Its log has the details under this operation's id.",
                IsTransient: false
            ),
        };

    // EF wraps a broken connection in an InvalidOperationException.
    private static bool IsOfTheDatabase(Exception exception) =>
        exception is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException
        || (exception is InvalidOperationException && StorageFailures.Classify(exception) != StorageFailure.None);
}
