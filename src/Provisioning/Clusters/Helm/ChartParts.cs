namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>A file of a chart or of a chart within it.</summary>
/// <param name="Name">Path from the outermost chart.</param>
/// <param name="Content">Content.</param>
internal sealed record ChartFile(string Name, byte[] Content);

/// <summary>The files of a chart with those of its subcharts, whether they stand in folders or are packed.</summary>
internal static class ChartParts
{
    private const int Deepest = 5;
    private const int MostFiles = 5000;
    private const long Largest = 40L * 1024 * 1024;

    /// <summary>Every file. A packed subchart's files are named as if its archive were a folder.</summary>
    /// <exception cref="ChartException">A subchart cannot be unpacked within bounds.</exception>
    public static IReadOnlyList<ChartFile> Files(string folder)
    {
        var (files, budget) = (new List<ChartFile>(), new Budget());
        foreach (
            var path in Directory
                .GetFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
                .Order(StringComparer.Ordinal)
        )
        {
            Add(files, Path.GetRelativePath(folder, path).Replace('\\', '/'), File.ReadAllBytes(path), budget, 0);
        }

        return files;
    }

    /// <summary>Whether Helm renders the file, of the chart itself or of a subchart.</summary>
    public static bool IsTemplate(string name) => InFolder(name, "templates");

    /// <summary>Whether Helm would install the file outside the release, unrendered.</summary>
    public static bool IsCustomDefinition(string name) => InFolder(name, "crds");

    // charts/NAME/ before it, any number of times.
    private static bool InFolder(string name, string folder)
    {
        var parts = name.Split('/');
        var at = 0;
        while (at + 2 < parts.Length && parts[at] == "charts")
        {
            at += 2;
        }

        return at + 1 < parts.Length && parts[at] == folder;
    }

    private static void Add(List<ChartFile> files, string name, byte[] content, Budget budget, int depth)
    {
        budget.Take(name, content.Length);
        var parts = name.Split('/');
        if (
            parts.Length >= 2
            && parts[^2] == "charts"
            && (name.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase))
        )
        {
            Unpack(files, name, content, budget, depth + 1);
            return;
        }

        files.Add(new ChartFile(name, content));
    }

    private static void Unpack(List<ChartFile> all, string folder, byte[] archive, Budget budget, int depth)
    {
        if (depth > Deepest)
        {
            throw new ChartException("chart-too-large", $"It holds charts within charts, more than {Deepest} deep.");
        }

        var room = Directory.CreateTempSubdirectory("portal-chart-");
        try
        {
            var (packed, files) = (Path.Combine(room.FullName, "packed"), room.CreateSubdirectory("files").FullName);
            File.WriteAllBytes(packed, archive);
            ChartArchive.Unpack(packed, files);
            foreach (
                var path in Directory
                    .GetFiles(files, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
                    .Order(StringComparer.Ordinal)
            )
            {
                // As Helm does: the first folder, whatever it is called, is the chart.
                var inside = Path.GetRelativePath(files, path).Replace('\\', '/').Split('/').Skip(1);
                Add(all, $"{folder}/{string.Join('/', inside)}", File.ReadAllBytes(path), budget, depth);
            }
        }
        catch (InvalidDataException problem)
        {
            throw new ChartException("chart-invalid", $"A subchart, in '{folder}', cannot be unpacked.", inner: problem);
        }
        finally
        {
            room.Delete(recursive: true);
        }
    }

    // The size that an archive states is not trusted; what comes out of it is counted.
    private sealed class Budget
    {
        private long bytes;
        private int count;

        public void Fits(string name, long more)
        {
            if (bytes + more > Largest)
            {
                throw new ChartException(
                    "chart-too-large",
                    $"With its subcharts, it is too large at '{name}': at most {MostFiles} files and {Largest >> 20} MB."
                );
            }
        }

        public void Take(string name, long more)
        {
            Fits(name, count++ < MostFiles ? more : Largest + 1);
            bytes += more;
        }
    }
}
