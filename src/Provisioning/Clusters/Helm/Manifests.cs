namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Rendered manifests of a revision: the gateway's, which Helm applies, then the guardrails', which the portal applies
/// itself.</summary>
public static class Manifests
{
    private const string Mark = "# portal: guardrails below\n";

    /// <summary>Joins both parts.</summary>
    public static string Join(string gateway, string guardrails) => $"{gateway.Trim()}\n{Mark}{guardrails.Trim()}\n";

    /// <summary>
    /// The gateway's part. A text in which the mark stands twice is nobody's to part: a chart that renders the mark itself would have the
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
                "The approved manifests cannot be parted into those of the gateway and the guardrails. Propose the change again.",
                isTransient: false
            );
    }

    /// <summary>Whether a text could be taken for more than the part that it is.</summary>
    public static bool HoldsMark(string part) => $"{part}\n".Contains(Mark, StringComparison.Ordinal);

    /// <summary>The guardrails' part.</summary>
    public static string GuardrailsOf(string manifest)
    {
        var at = manifest.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? "" : manifest[(at + Mark.Length)..];
    }
}
