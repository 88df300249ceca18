namespace Portkey.Portal.Shared;

/// <summary>Charts of our own in the shape of each line that Portkey published.</summary>
public static class ChartLines
{
    /// <summary>Folders below tests/Shared/Charts, and the version of each.</summary>
    public static IReadOnlyList<(string Folder, string Version)> All { get; } =
    [
        ("gateway-1.0.8", "1.0.8"),
        ("gateway-1.6.4", "1.6.4"),
        ("gateway-1.7.5", "1.7.5"),
        ("gateway-1.7.7", "1.7.7"),
        ("gateway-1.8.0", "1.8.0"),
        ("airs-gw-2.15.0", "2.15.0"),
    ];

    /// <summary>Where one of them is.</summary>
    public static string Path(string folder) => System.IO.Path.Combine(Repository.Root, "tests", "Shared", "Charts", folder);
}
