namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// Texts by which other tools fetch a value when they deploy. They are not values: a gateway with one stored as a secret
/// would send the reference. Only a text that is a reference as a whole counts, since a password may hold any characters; in an address,
/// also a part.
/// </summary>
internal static class ForeignReferences
{
    private static readonly string[] MountedPaths =
    [
        "/mnt/",
        "/run/secrets/",
        "/var/run/secrets/",
        "/vault/secrets/",
        "/etc/secrets/",
        "/secrets/",
    ];

    /// <summary>What a text is a reference of, such as <c>helm-secrets or vals (ref+…)</c>; null where it is none.</summary>
    public static string? Of(string text)
    {
        var value = text.Trim();
        return value switch
        {
            _ when Whole(value, "${", "}") => "Terraform or a shell (${…})",
            _ when Whole(value, "$(", ")") => "Kubernetes or a shell ($(…))",
            _ when Whole(value, "{{", "}}") => "a template ({{ … }})",
            _ when Whole(value, "<path:", ">") => "the Argo CD vault plugin (<path:…>)",
            _ when Whole(value, "ENC[", "]") => "SOPS (ENC[…]), with which the file is encrypted. Decrypt it first",
            _ when Whole(value, "@Microsoft.KeyVault(", ")") => "Azure App Service (@Microsoft.KeyVault(…))",
            _ when Starts(value, "ref+") && value.Contains("://", StringComparison.Ordinal) => "vals or helmfile (ref+…)",
            _ when Starts(value, "secretref+") || Starts(value, "secretref:") => "another tool (secretref)",
            _ when Starts(value, "vault:") => "HashiCorp Vault (vault:…)",
            _ when Starts(value, "op://") => "1Password (op://…)",
            _ when Starts(value, "arn:aws:secretsmanager:") || Starts(value, "arn:aws:ssm:") => "AWS (arn:…)",
            _ when Starts(value, "gcp-sm://") || (Starts(value, "projects/") && value.Contains("/secrets/", StringComparison.Ordinal)) =>
                "Google Secret Manager",
            _ => null,
        };
    }

    /// <summary>The same where a secret is expected: a path says where it is mounted.</summary>
    public static string? OfSecret(string text) =>
        Of(text) ?? (Array.Exists(MountedPaths, p => Starts(text, p)) && !text.Any(char.IsWhiteSpace) ? "a mounted file (a path)" : null);

    /// <summary>The same where an address is expected: parts of one may be filled in later.</summary>
    public static string? OfAddress(string text) =>
        OfSecret(text)
        ?? (
            text.Contains("${", StringComparison.Ordinal) ? "Terraform or a shell (${…})"
            : text.Contains("$(", StringComparison.Ordinal) ? "Kubernetes or a shell ($(…))"
            : text.Contains("{{", StringComparison.Ordinal) ? "a template ({{ … }})"
            : null
        );

    private static bool Starts(string value, string with) => value.StartsWith(with, StringComparison.Ordinal) && value.Length > with.Length;

    // Of one pair of brackets only: '{{ a }} {{ b }}' is one, too, 'x{{ a }}' is not.
    private static bool Whole(string value, string open, string close) =>
        value.Length > open.Length + close.Length
        && value.StartsWith(open, StringComparison.Ordinal)
        && value.EndsWith(close, StringComparison.Ordinal);
}
