namespace Portkey.Portal.Shared;

/// <summary>A folder that goes away with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("portal-test-").FullName;

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Removed by the test itself.
        }
        catch (IOException)
        {
            // A process that was killed a moment ago may still write its last line; the system's cleaner takes the rest.
        }
    }
}
