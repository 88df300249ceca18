using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>Takes secrets out of text that is stored or shown: what looks like one, and the exact values it was told.</summary>
public sealed partial class Redactor
{
    private const string Mask = "***";

    // A value shorter than this would mask half of every sentence; the vault's callers refuse such values anyway.
    private const int ShortestValue = 4;

    private readonly string[] values;

    private Redactor(string[] values) => this.values = values;

    /// <summary>Knows only what secrets look like.</summary>
    public static Redactor Default { get; } = new([]);

    /// <summary>One that knows these values too, as they are and as a cluster writes them (base64) or JSON escapes them.</summary>
    public static Redactor With(IEnumerable<SecretValue> secrets) =>
        new([
            .. secrets
                .Select(s => s.Reveal())
                .Where(v => v.Length >= ShortestValue)
                .SelectMany(v =>
                    (IEnumerable<string>)
                        [
                            v,
                            Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(v)),
                            Uri.EscapeDataString(v),
                            System.Text.Json.JsonEncodedText.Encode(v).ToString(),
                        ]
                )
                .Distinct(StringComparer.Ordinal)
                .OrderByDescending(v => v.Length),
        ]);

    /// <summary>The text with <c>***</c> in place of secrets.</summary>
    public string Redact(string text)
    {
        // The exact values first: a pattern that eats half of one would leave the other half.
        foreach (var value in values)
        {
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        }

        text = PrivateKey().Replace(text, Mask);
        text = Bearer().Replace(text, "${head}" + Mask);
        text = KubeconfigData().Replace(text, "${head}" + Mask);
        text = UrlPassword().Replace(text, "${head}" + Mask + "@");
        text = Jwt().Replace(text, Mask);
        return SecretKey().Replace(text, "${head}" + Mask);
    }

    // Authorization: Bearer abc, Basic abc
    [GeneratedRegex(@"\b(?<head>(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", RegexOptions.IgnoreCase)]
    private static partial Regex Bearer();

    // client-key-data: LS0t…
    [GeneratedRegex(
        @"(?<head>(?:client-key-data|client-certificate-data|certificate-authority-data)[""']?\s*:\s*[""']?)[A-Za-z0-9+/=]+",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex KubeconfigData();

    // redis://user:password@host
    [GeneratedRegex(@"\b(?<head>[a-z][a-z0-9+.-]*://[^\s:/@""']*:)[^\s@/""']+@", RegexOptions.IgnoreCase)]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")]
    private static partial Regex Jwt();

    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)", RegexOptions.Singleline)]
    private static partial Regex PrivateKey();

    // password: x, "apiKey":"x", CLIENT_SECRET=x, and long base64 behind any key that sounds like a secret
    [GeneratedRegex(
        @"(?<head>(?:password|passwd|secret|token|api[-_]?key|access[-_]?key|connection[-_]?(?:string|url)|client[-_]?auth)[A-Za-z0-9_-]*[""']?\s*[:=]\s*[""']?)[A-Za-z0-9+/=_.~-]{16,}",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex SecretKey();
}
