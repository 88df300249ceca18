using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Checks names before any command line is built, so that none is ever read as an option or a path.</summary>
internal static partial class HelmNames
{
    public static void Check(string release, string ns)
    {
        if (release.Length > 53 || !Label().IsMatch(release))
        {
            throw new HelmException(
                HelmFailure.InvalidValues,
                $"'{release}' is not a release name: lower-case letters, digits and '-', at most 53.",
                isTransient: false
            );
        }

        if (ns.Length > 63 || !Label().IsMatch(ns))
        {
            throw new HelmException(
                HelmFailure.InvalidValues,
                $"'{ns}' is not a namespace: lower-case letters, digits and '-', at most 63.",
                isTransient: false
            );
        }
    }

    /// <summary>An absolute path, which can never look like an option.</summary>
    public static string Chart(string path) =>
        File.Exists(Path.Combine(path, "Chart.yaml"))
            ? Path.GetFullPath(path)
            : throw new HelmException(HelmFailure.InvalidChart, $"There is no chart in '{path}'.", isTransient: false);

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\z")]
    private static partial Regex Label();
}
