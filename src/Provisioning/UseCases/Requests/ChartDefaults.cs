using Portkey.Portal.Provisioning.Clusters.Helm;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>
/// Removes chart defaults that would remain beside the portal's values: Helm lays values over a chart's defaults key by key, so a
/// right that values.yaml gives a container stays one until it is taken away.
/// </summary>
internal static class ChartDefaults
{
    // Where the portal says all there is to say, but for the names that may stay.
    private static readonly (string Path, string[] MayStay)[] Whole =
    [
        ("securityContext", ["runAsGroup"]),
        ("securityContext.capabilities", []),
        ("podSecurityContext", ["runAsUser", "runAsGroup", "fsGroup", "fsGroupChangePolicy", "supplementalGroups"]),
        ("dataservice.deployment.securityContext", ["runAsGroup"]),
        ("dataservice.deployment.securityContext.capabilities", []),
        ("dataservice.deployment.podSecurityContext", ["runAsUser", "runAsGroup", "fsGroup", "fsGroupChangePolicy", "supplementalGroups"]),
        ("nodeSelector", []),
        ("affinity", []),
    ];

    // A probe has one method only.
    private static readonly string[] OtherHandlers = ["exec", "tcpSocket", "grpc"];

    /// <summary>The same values with null for what has to go.</summary>
    public static Dictionary<string, object?> TakeAway(Dictionary<string, object?> values, ChartFacts facts)
    {
        foreach (var (path, mayStay) in Whole)
        {
            Remove(values, path, facts.DefaultsAt(path).Except(mayStay, StringComparer.Ordinal));
        }

        foreach (var probe in new[] { "livenessProbe", "readinessProbe" })
        {
            Remove(values, probe, facts.DefaultsAt(probe).Intersect(OtherHandlers, StringComparer.Ordinal));
        }

        return values;
    }

    private static void Remove(Dictionary<string, object?> values, string path, IEnumerable<string> names)
    {
        var gone = names.ToList();
        if (gone.Count == 0)
        {
            return;
        }

        var (parts, map) = (path.Split('.'), values);
        for (var i = 0; i < parts.Length; i++)
        {
            // A sorted map of strings cannot hold null.
            var own = map.GetValueOrDefault(parts[i]) switch
            {
                Dictionary<string, object?> known => known,
                IReadOnlyDictionary<string, string> texts => texts.ToDictionary(t => t.Key, t => (object?)t.Value, StringComparer.Ordinal),
                _ => null,
            };
            if (own is null)
            {
                return;
            }

            map[parts[i]] = own;
            map = own;
        }

        gone.ForEach(name => map.TryAdd(name, null));
    }
}
