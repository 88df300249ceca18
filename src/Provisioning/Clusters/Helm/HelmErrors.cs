using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Reads Helm's own words: every failure exits 1, so standard error is all there is. The first rule that fits wins; the order matters,
/// because a quota is a kind of 'forbidden' and a webhook's refusal can quote anything.
/// </summary>
internal static class HelmErrors
{
    private const int LongestMessage = 2000;

    private static readonly Rule[] Rules =
    [
        // Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress
        new(
            "another operation (install/upgrade/rollback) is in progress",
            HelmFailure.OperationInProgress,
            true,
            "The release is locked by an operation that is under way or was interrupted."
        ),
        // Error: release: not found · Error: release has no 0 version
        new("release: not found", HelmFailure.NotFound, false, "There is no such release."),
        new("release has no", HelmFailure.NotFound, false, "The release has no such revision."),
        // Error: values don't meet the specifications of the schema(s) in the following chart(s):
        new(
            "values don't meet the specifications of the schema",
            HelmFailure.InvalidValues,
            false,
            "The values do not fit the chart's schema."
        ),
        new("failed to parse -", HelmFailure.InvalidValues, false, "The values are not YAML that Helm can read."),
        // pods "x" is forbidden: exceeded quota: portal, requested: cpu=2, used: cpu=3, limited: cpu=4
        new(
            "exceeded quota",
            HelmFailure.QuotaExceeded,
            false,
            "A quota of the namespace does not allow it. Ask for less, or have the quota raised."
        ),
        // Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas
        new("conflict with \"", HelmFailure.Conflict, false, "Something else manages a field that the chart sets."),
        new("conflict occurred while applying", HelmFailure.Conflict, false, "Something else manages a field that the chart sets."),
        new(
            "cannot be imported into the current release",
            HelmFailure.Conflict,
            false,
            "An object that the chart wants to create already exists and belongs to something else."
        ),
        new(
            "invalid ownership metadata",
            HelmFailure.Conflict,
            false,
            "An object that the chart wants to create already exists and belongs to something else."
        ),
        new("is being terminated", HelmFailure.Rejected, true, "The namespace is being removed."),
        new("violates PodSecurity", HelmFailure.Rejected, false, "The namespace's pod security does not allow these pods."),
        new("admission webhook", HelmFailure.Rejected, false, "A policy of the cluster refused an object."),
        new("is forbidden: maximum", HelmFailure.Rejected, false, "A limit range of the namespace does not allow it."),
        new("is forbidden: minimum", HelmFailure.Rejected, false, "A limit range of the namespace does not allow it."),
        new(
            "x509:",
            HelmFailure.Unreachable,
            false,
            "The cluster's certificate is not the one expected. Check the kubeconfig's certificate authority."
        ),
        new(
            "tls: ",
            HelmFailure.Unreachable,
            false,
            "No secure connection to the cluster. Check the kubeconfig's address and certificates."
        ),
        new(
            "provide credentials",
            HelmFailure.Forbidden,
            false,
            "The cluster does not accept the portal's credentials. Check the kubeconfig."
        ),
        new("Unauthorized", HelmFailure.Forbidden, false, "The cluster does not accept the portal's credentials. Check the kubeconfig."),
        new("is forbidden", HelmFailure.Forbidden, false, "The portal's identity in the cluster may not do this."),
        new("forbidden:", HelmFailure.Forbidden, false, "The portal's identity in the cluster may not do this."),
        new("too many requests", HelmFailure.Unreachable, true, "The cluster is too busy."),
        new("client rate limiter", HelmFailure.Timeout, true, "The cluster answered too slowly."),
        new("context canceled", HelmFailure.Killed, true, "Helm was stopped before it was done."),
        new("has been cancelled", HelmFailure.Killed, true, "Helm was stopped before it was done."),
        new("context deadline exceeded", HelmFailure.Timeout, true, "It took too long."),
        new("timed out waiting", HelmFailure.Timeout, true, "It took too long."),
        new("Client.Timeout", HelmFailure.Timeout, true, "It took too long."),
        new("cluster unreachable", HelmFailure.Unreachable, true, "The cluster does not answer."),
        new("connection refused", HelmFailure.Unreachable, true, "The cluster does not answer."),
        new("connection reset", HelmFailure.Unreachable, true, "The connection to the cluster broke."),
        new("no such host", HelmFailure.Unreachable, true, "The cluster's name is not known."),
        new("i/o timeout", HelmFailure.Unreachable, true, "The cluster does not answer."),
        new("no route to host", HelmFailure.Unreachable, true, "The cluster cannot be reached."),
        new("unexpected EOF", HelmFailure.Unreachable, true, "The connection to the cluster broke."),
        new(": EOF", HelmFailure.Unreachable, true, "The connection to the cluster broke."),
        new("Internal error occurred", HelmFailure.Unreachable, true, "The cluster had an internal problem."),
        new("an error on the server", HelmFailure.Unreachable, true, "The cluster had an internal problem."),
        new("server is currently unable", HelmFailure.Unreachable, true, "The cluster had an internal problem."),
        new("etcdserver:", HelmFailure.Unreachable, true, "The cluster had an internal problem."),
        new("execution error at", HelmFailure.InvalidChart, false, "The chart refuses these values."),
        new("parse error at", HelmFailure.InvalidChart, false, "The chart does not render."),
        new("error calling", HelmFailure.InvalidChart, false, "The chart does not render."),
        new("YAML parse error", HelmFailure.InvalidChart, false, "The chart renders something that is not YAML."),
        new("unable to detect chart", HelmFailure.InvalidChart, false, "There is no chart in the folder."),
        new("Chart.yaml", HelmFailure.InvalidChart, false, "The chart is invalid."),
        new("missing in charts/ directory", HelmFailure.InvalidChart, false, "The chart lacks a chart that it depends on."),
        new("path \"", HelmFailure.InvalidChart, false, "The chart is not there."),
        new("invalid release name", HelmFailure.InvalidValues, false, "The release's name is not allowed."),
        // no matches for kind "Foo" in version "bar/v1"; Deployment "x" is invalid: …
        new("no matches for kind", HelmFailure.Rejected, false, "The cluster does not know a kind that the chart uses."),
        new("is invalid:", HelmFailure.Rejected, false, "The cluster refused an object."),
        new("denied the request", HelmFailure.Rejected, false, "A policy of the cluster refused an object."),
        new("failed to create resource", HelmFailure.Rejected, false, "The cluster refused an object."),
        new("failed to create typed patch object", HelmFailure.Rejected, false, "The cluster refused an object."),
        new("cannot patch", HelmFailure.Rejected, false, "The cluster refused an object."),
        new("not found", HelmFailure.Rejected, false, "The cluster does not have something that is needed."),
    ];

    /// <summary>Makes the exception for a run that failed.</summary>
    public static HelmException From(string action, HelmOutput output, Redactor redactor)
    {
        // The Go runtime's own last words, with a stack that says nothing to people.
        if (
            output.ExitCode == 2
            && output.Stderr.Contains("fatal error: ", StringComparison.Ordinal)
            && (
                output.Stderr.Contains("out of memory", StringComparison.Ordinal)
                || output.Stderr.Contains("cannot allocate memory", StringComparison.Ordinal)
            )
        )
        {
            return new HelmException(
                HelmFailure.InvalidChart,
                $"Helm needed more memory than it may use to {action}. What the chart renders must be smaller.",
                isTransient: false
            );
        }

        var words = OwnLines(output.Stderr);
        var shown = redactor.Redact(words.Length > LongestMessage ? words[..LongestMessage] + " …" : words);
        var rule = Array.Find(Rules, r => words.Contains(r.Text, StringComparison.OrdinalIgnoreCase));
        if (rule is not null)
        {
            return new HelmException(rule.Failure, $"{rule.Meaning} Helm says: {shown}", rule.IsTransient);
        }

        // 128 + signal, or a negative number on some runtimes: it was not us who told Helm to stop.
        return output.ExitCode > 128 || output.ExitCode < 0
            ? new HelmException(
                HelmFailure.Killed,
                $"Helm was stopped from outside during {action} (exit code {output.ExitCode}).",
                isTransient: true
            )
            : new HelmException(
                HelmFailure.Unknown,
                shown.Length > 0
                    ? $"Helm could not {action}: {shown}"
                    : $"Helm could not {action} and gave no reason (exit code {output.ExitCode}).",
                isTransient: false
            );
    }

    /// <summary>What follows the last 'Error:'; log lines of Helm's own (<c>level=…</c>) are left out.</summary>
    private static string OwnLines(string stderr)
    {
        var at = stderr.LastIndexOf("Error: ", StringComparison.Ordinal);
        var text = at >= 0 ? stderr[(at + "Error: ".Length)..] : stderr;
        return string.Join('\n', text.Split('\n').Where(l => !l.StartsWith("level=", StringComparison.Ordinal))).Trim();
    }

    private sealed record Rule(string Text, HelmFailure Failure, bool IsTransient, string Meaning);
}
