using System.Text.RegularExpressions;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Helm;

/// <summary>Turns a chart's location into arguments of <c>helm pull</c>, and refuses what could be read as anything else.</summary>
internal static partial class ChartLocation
{
    public static IReadOnlyList<string> PullArguments(ChartSource source, string location, string? version)
    {
        if (!Uri.TryCreate(location, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0)
        {
            throw new ChartException("chart-invalid", "The location must be a URL without credentials: 'https://host/path#chart' or 'oci://host/path/chart'.");
        }

        // A plain connection is for a registry on this machine only.
        string[] pinned = version is null ? [] : Version().IsMatch(version) ? ["--version", version] : throw new ChartException("chart-invalid", $"'{version}' is no chart version.");
        if (source == ChartSource.Oci && uri.Scheme == "oci")
        {
            return [location, .. pinned, .. uri.IsLoopback ? (string[])["--plain-http"] : []];
        }

        var chart = Uri.UnescapeDataString(uri.Fragment.TrimStart('#'));
        if (source == ChartSource.Repository && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback)) && Name().IsMatch(chart))
        {
            return [chart, "--repo", uri.GetLeftPart(UriPartial.Query), .. pinned];
        }

        throw new ChartException("chart-invalid", source == ChartSource.Oci
            ? "An OCI location looks like 'oci://host/path/chart'."
            : "A repository location looks like 'https://host/path#chart'; plain http is for this machine only.");
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,127}\z", RegexOptions.IgnoreCase)]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[0-9A-Za-z][0-9A-Za-z.+_-]{0,127}\z")]
    private static partial Regex Version();
}
