using System.Globalization;
using System.Text.Json.Serialization;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>What became of the synthetic streams of one operation, over all its attempts.</summary>
/// <param name="Opened">Begun.</param>
/// <param name="Finished">Finished.</param>
/// <param name="Cut">Did not begin, or ended before their end.</param>
/// <param name="LongestGapMilliseconds">Longest time without data, including the start.</param>
public sealed record StreamTally(int Opened, int Finished, int Cut, int LongestGapMilliseconds)
{
    /// <summary>Why there are none, or why some were cut, as one sentence; empty for neither.</summary>
    public string Note { get; init; } = "";

    /// <summary>For people.</summary>
    [JsonIgnore]
    public string Sentence =>
        Opened == 0
            ? Note
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Synthetic streams: {Opened} opened, {Finished} finished, {Cut} cut; longest gap {LongestGapMilliseconds / 1000.0:0.0} s.{(Note.Length > 0 ? $" {Note}" : "")}"
            );

    /// <summary>As it stands in the operation's row; null for nothing.</summary>
    internal static StreamTally? Read(string json) => json.Length == 0 ? null : PortalJson.Read<StreamTally>(json);

    /// <summary>Both together.</summary>
    internal StreamTally And(StreamTally other) =>
        new(
            Opened + other.Opened,
            Finished + other.Finished,
            Cut + other.Cut,
            Math.Max(LongestGapMilliseconds, other.LongestGapMilliseconds)
        )
        {
            Note = other.Note.Length > 0 ? other.Note : Note,
        };
}
