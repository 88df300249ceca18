namespace Portkey.Portal.Provisioning.Helm;

/// <summary>Rendered manifests of a revision: the gateway's, which Helm applies, then the guardrails', which the portal applies itself.</summary>
public static class Manifests
{
    private const string Mark = "# portal: guardrails below\n";

    /// <summary>Joins both parts.</summary>
    public static string Join(string gateway, string guardrails) => $"{gateway.Trim()}\n{Mark}{guardrails.Trim()}\n";

    /// <summary>The guardrails' part.</summary>
    public static string GuardrailsOf(string manifest)
    {
        var at = manifest.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? "" : manifest[(at + Mark.Length)..];
    }
}
