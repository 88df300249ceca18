using System.Text.Json;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>The file from before seals were linked, <c>seals.jsonl</c>: read once, so that the first new seal begins where it
/// ended.</summary>
internal static class OldSeals
{
    private const string Name = "seals.jsonl";

    /// <summary>Highest head of each chain; what goes back in the file is named.</summary>
    public static (IReadOnlyDictionary<string, SealedHead> Heads, string? Problem) Read(string folder)
    {
        var heads = new Dictionary<string, SealedHead>(StringComparer.Ordinal);
        string? problem = null;
        var path = Path.Combine(folder, Name);
        foreach (var head in File.Exists(path) ? File.ReadLines(path).SelectMany(Heads) : [])
        {
            if (
                heads.TryGetValue(head.Chain, out var known)
                && (head.Index < known.Index || (head.Index == known.Index && head.Hash != known.Hash))
            )
            {
                problem ??=
                    $"{path} sealed chain {head.Chain} at event {known.Index} and later at {head.Index}: its end was removed in between";
                continue;
            }

            heads[head.Chain] = head;
        }

        return (heads, problem);
    }

    /// <summary>It is in the new ones now.</summary>
    public static void PutAside(string folder)
    {
        if (File.Exists(Path.Combine(folder, Name)))
        {
            File.Move(Path.Combine(folder, Name), Path.Combine(folder, Name + ".taken-over"), overwrite: true);
        }
    }

    private static IReadOnlyList<SealedHead> Heads(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<OldSeal>(line, PortalJson.Options)?.Heads ?? [];
        }
        catch (JsonException)
        {
            return []; // a line cut short by a crash; the next one repeated it
        }
    }

    private sealed record OldSeal(DateTime At, IReadOnlyList<SealedHead>? Heads);
}
