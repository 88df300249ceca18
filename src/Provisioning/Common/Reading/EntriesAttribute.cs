namespace Portkey.Portal.Provisioning.Common.Reading;

/// <summary>What the entries of a list or map of strings may be; set on the property, for what reads it and what publishes
/// it.</summary>
/// <param name="longest">Longest entry, characters.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EntriesAttribute(int longest) : Attribute
{
    /// <summary>Longest entry where nothing is said, characters.</summary>
    public const int Usual = 200;

    /// <summary>Longest entry, characters.</summary>
    public int Longest { get; } = longest;

    /// <summary>Whether numbers and booleans are taken for the text that they are written as.</summary>
    public bool Scalars { get; init; }
}
