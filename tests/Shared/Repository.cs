using System.Reflection;

namespace Portkey.Portal.Shared;

/// <summary>Where the checkout and its build output are, seen from a running test.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release: programs under test are taken from the build that the tests themselves come from.</summary>
    public static string Configuration { get; } =
        typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    public static string Charts => Path.Combine(Root, "infra", "charts");

    /// <summary>The built dll of a project, for example <c>BuiltDll("src/Portal", "Portkey.Portal.Web")</c>.</summary>
    public static string BuiltDll(string project, string assembly)
    {
        var path = Path.Combine(Root, project, "bin", Configuration, "net10.0", assembly + ".dll");
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} is not built. Build it: dotnet build {project} -c {Configuration}", path);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Portkey.Portal.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Portkey.Portal.sln above {AppContext.BaseDirectory}: tests run inside the checkout.");
    }
}
