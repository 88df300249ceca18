namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Rendered manifests of a revision: the gateway's, which Helm applies, then the guardrails', which the portal applies
/// itself.</summary>
public static class Manifests
{
    private const string Mark = "# portal: guardrails below\n";

    /// <summary>Joins both parts.</summary>
    public static string Join(string gateway, string guardrails) => $"{gateway.Trim()}\n{Mark}{guardrails.Trim()}\n";

    /// <summary>
    /// The gateway's part. A text in which the mark stands twice is not split: a chart that renders the mark itself would make the
    /// portal take its objects for guardrails.
    /// </summary>
    /// <exception cref="HelmException">The mark does not stand in it exactly once.</exception>
    public static string GatewayOf(string manifest)
    {
        var at = manifest.IndexOf(Mark, StringComparison.Ordinal);
        return at >= 0 && manifest.LastIndexOf(Mark, StringComparison.Ordinal) == at
            ? manifest[..at]
            : throw new HelmException(
                HelmFailure.InvalidChart,
                "The approved manifests cannot be split into those of the gateway and of the guardrails. Propose the change again.",
                isTransient: false
            );
    }

    /// <summary>Whether a text could be mistaken for more than its own part.</summary>
    public static bool HoldsMark(string part) => $"{part}\n".Contains(Mark, StringComparison.Ordinal);

    /// <summary>The guardrails' part.</summary>
    public static string GuardrailsOf(string manifest)
    {
        var at = manifest.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? "" : manifest[(at + Mark.Length)..];
    }
}
