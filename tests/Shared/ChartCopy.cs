namespace Portkey.Portal.Shared;

/// <summary>Our own gateway chart under another version.</summary>
public static class ChartCopy
{
    /// <summary>Writes it into a folder, which is made.</summary>
    public static void Write(string folder, string version)
    {
        var source = Path.Combine(Repository.Charts, "gateway");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var about = Path.Combine(folder, "Chart.yaml");
        File.WriteAllLines(
            about,
            File.ReadAllLines(about).Select(l => l.StartsWith("version:", StringComparison.Ordinal) ? $"version: {version}" : l)
        );
    }
}
