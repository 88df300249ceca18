using System.Text.RegularExpressions;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Where a chart from elsewhere is: a repository's address and the chart's name there, or a registry's and the chart's path. It names a
/// place and holds no credential; everyone who may request a gateway sees it.
/// </summary>
internal sealed partial record ChartLocation(ChartSource Source, Uri Address, string Chart)
{
    /// <summary>Parses a location and refuses anything ambiguous.</summary>
    /// <exception cref="ChartException">It is not a location.</exception>
    public static ChartLocation Parse(ChartSource source, string location)
    {
        if (
            !Uri.TryCreate(location, UriKind.Absolute, out var uri)
            || uri.UserInfo.Length > 0
            || location.Contains('@', StringComparison.Ordinal)
        )
        {
            throw new ChartException(
                "chart-invalid",
                "The location must be a URL without credentials: 'https://host/path#chart' or 'oci://host/path/chart'."
            );
        }

        if (uri.Query.Length > 0 || location.Contains('?', StringComparison.Ordinal))
        {
            throw new ChartException(
                "chart-invalid",
                "The location must have no query (what follows '?'): a token there would be shown to everybody who sees the chart. Use an address that needs none."
            );
        }

        // A plain connection is only for a registry on this machine, and that must pass the portal's guard, too.
        if (source == ChartSource.Oci && uri.Scheme == "oci" && uri.Fragment.Length == 0 && Repository().IsMatch(uri.AbsolutePath))
        {
            return new(
                source,
                new UriBuilder(uri.IsLoopback ? "http" : "https", uri.Host, uri.IsDefaultPort ? -1 : uri.Port).Uri,
                uri.AbsolutePath.Trim('/')
            );
        }

        var chart = Uri.UnescapeDataString(uri.Fragment.TrimStart('#'));
        if (source == ChartSource.Repository && IsFit(uri) && Name().IsMatch(chart))
        {
            return new(source, new Uri(uri.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/"), chart);
        }

        throw new ChartException(
            "chart-invalid",
            source == ChartSource.Oci
                ? "An OCI location looks like 'oci://host/path/chart', in lower case and without a tag."
                : "A repository location looks like 'https://host/path#chart'; plain http is for this machine only."
        );
    }

    /// <summary>Checks a version before it becomes part of an address.</summary>
    public static void CheckVersion(string? version)
    {
        if (version is not null && !Version().IsMatch(version))
        {
            throw new ChartException("chart-invalid", $"'{(version.Length > 60 ? version[..60] + "…" : version)}' is not a chart version.");
        }
    }

    /// <summary>Whether the portal calls such an address at all.</summary>
    public static bool IsFit(Uri address) => address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback);

    /// <summary>A location without what may be secret in it; older ones may hold a token.</summary>
    public static string Shown(ChartSource source, string location)
    {
        if (source == ChartSource.Directory)
        {
            return location;
        }

        var start = location.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0;
        var authority = location.IndexOfAny(['/', '?', '#'], start) is >= 0 and var end ? end : location.Length;
        var user = location.LastIndexOf('@', authority - 1, authority - start);
        var shown = user < 0 ? location : string.Concat(location.AsSpan(0, start), "(hidden)@", location.AsSpan(user + 1));
        var fragment = shown.IndexOf('#', StringComparison.Ordinal) is >= 0 and var mark ? mark : shown.Length;
        var query = shown.IndexOf('?', StringComparison.Ordinal);
        var chart = fragment < shown.Length && Name().IsMatch(shown[(fragment + 1)..]) ? shown[fragment..] : "";
        return query >= 0 && query < fragment ? $"{shown[..query]}?(hidden){chart}" : shown[..fragment] + chart;
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,127}\z", RegexOptions.IgnoreCase)]
    private static partial Regex Name();

    [GeneratedRegex(@"\A(/[a-z0-9]+([._-]+[a-z0-9]+)*){1,20}\z")]
    private static partial Regex Repository();

    [GeneratedRegex(@"\A[0-9A-Za-z][0-9A-Za-z.+_-]{0,127}\z")]
    private static partial Regex Version();
}
