using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Jobs;

/// <summary>Result of trying one address.</summary>
/// <param name="Word"><c>ok</c>, <c>cert</c>, <c>dns</c>, <c>tcp</c>, <c>tls</c> or <c>refused</c>.</param>
/// <param name="Code">Error of the system or of TLS, such as <c>ECONNREFUSED</c>; empty for none.</param>
internal sealed record NetworkAnswer(string Word, string Code);

/// <summary>
/// Reads a pod's termination message. An image may write anything there, so only the expected number of known words is an answer; they are
/// matched by position alone, and no address is taken from them.
/// </summary>
internal static class NetworkJobAnswer
{
    private const int LongestShown = 200;
    private static readonly string[] EnumNames = ["ok", "cert", "dns", "tcp", "tls", "refused"];

    // A kubelet keeps 4096 bytes; a rogue server might send more.
    private static readonly ReadLimits Limits = new("The Job's answer")
    {
        Size = 8192,
        Depth = 4,
        Nodes = 400,
        Scalar = 100,
        Aliases = false,
    };

    /// <summary>The answers, one per target; null where it is not an answer.</summary>
    public static IReadOnlyList<NetworkAnswer>? Read(string? message, int count)
    {
        try
        {
            if (
                BoundedJson.Node(message ?? "", Limits) is not JsonObject { Count: 2 } found
                || found["v"] is not JsonValue version
                || !version.TryGetValue<int>(out var v)
                || v != 1
                || found["r"] is not JsonArray rows
                || rows.Count != count
            )
            {
                return null;
            }

            var answers = rows.Select(Row).ToList();
            return answers.Contains(null) ? null : [.. answers.OfType<NetworkAnswer>()];
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>What it says, as text that can be shown: short, without control characters.</summary>
    public static string Shown(string? message)
    {
        var text = new string([
            .. (message ?? "")
                .Take(LongestShown)
                .Select(c =>
                    char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format
                        ? ' '
                        : c
                ),
        ]).Trim();
        return text.Length == 0 ? "It said nothing." : $"It said: «{text}»{(message!.Length > LongestShown ? " and more" : "")}.";
    }

    private static NetworkAnswer? Row(JsonNode? row) =>
        row is JsonArray { Count: 2 } pair
        && pair[0] is JsonValue w
        && w.TryGetValue<string>(out var word)
        && EnumNames.Contains(word, StringComparer.Ordinal)
        && pair[1] is JsonValue c
        && c.TryGetValue<string>(out var code)
        && code.Length <= 40
        && code.All(x => char.IsAsciiLetterOrDigit(x) || x == '_')
            ? new(word, code)
            : null;
}
