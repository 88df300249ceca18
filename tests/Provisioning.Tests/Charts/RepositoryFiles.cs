namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>Paths in the working tree, found from where the tests run.</summary>
internal static class RepositoryFiles
{
    private static readonly string Root = FindRoot();

    public static string Chart(string name) => Path.Combine(Root, "infra", "charts", name);

    public static string TestData(string name) => Path.Combine(Root, "tests", "Provisioning.Tests", "Charts", name);

    /// <summary>Names of the values files kept for a chart, without folder.</summary>
    public static IReadOnlyList<string> Profiles(string chart) =>
        [
            .. Directory
                .GetFiles(Path.Combine(Chart(chart), "ci"), "*-values.yaml")
                .Select(file => Path.GetFileName(file)!)
                .Order(StringComparer.Ordinal),
        ];

    public static string Profile(string chart, string file) => Path.Combine(Chart(chart), "ci", file);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Portkey.Portal.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Portkey.Portal.sln was not found above " + AppContext.BaseDirectory);
    }
}
