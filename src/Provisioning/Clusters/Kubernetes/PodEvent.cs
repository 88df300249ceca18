using System.Globalization;
using System.Text.Json.Serialization;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>One thing that the cluster noted about a pod, however often.</summary>
/// <param name="Type"><c>Normal</c> or <c>Warning</c>.</param>
/// <param name="Reason">Kubernetes' word, such as <c>FailedScheduling</c>.</param>
/// <param name="Message">Its sentence, redacted.</param>
/// <param name="Count">How often.</param>
/// <param name="At">UTC time of the last one; null where the cluster does not say.</param>
public sealed record PodEvent(string Type, string Reason, string Message, int Count, DateTime? At)
{
    /// <summary>Type of an event that may need attention.</summary>
    public const string Warning = "Warning";

    /// <summary>Whether it may need attention.</summary>
    [JsonIgnore]
    public bool IsWarning => Type == Warning;

    /// <summary>
    /// The last ones, oldest first, each once. A kubelet that cannot get an image says so in a sentence and twice more in a word
    /// (<c>Error: ErrImagePull</c>), again with each try: the sentence is enough. Pure.
    /// </summary>
    internal static IReadOnlyList<PodEvent> Gather(IEnumerable<PodEvent> events, int most)
    {
        var once = events
            .GroupBy(e => (e.Type, e.Reason, e.Message))
            .Select(g => g.MaxBy(e => e.At)! with { Count = g.Sum(e => Math.Max(1, e.Count)) })
            .OrderBy(e => e.At ?? DateTime.MinValue)
            .ToList();
        var said = once.Exists(e => e.IsWarning && !IsWord(e));
        return [.. once.Where(e => !said || !IsWord(e)).TakeLast(most)];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Reason}: {Message}{(Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({Count} times)") : "")}";

    private static bool IsWord(PodEvent e) => e.Message is "Error: ErrImagePull" or "Error: ImagePullBackOff";
}
