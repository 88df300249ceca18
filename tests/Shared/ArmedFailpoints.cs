namespace Portkey.Portal.Shared;

/// <summary>The folder by which a test stops the portal at named places of its work (Portal:FailpointsDirectory).</summary>
public sealed class ArmedFailpoints : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Directory => _folder.Path;

    /// <summary>Names that were armed and have not fired.</summary>
    public IReadOnlyList<string> Waiting =>
        [
            .. System
                .IO.Directory.GetFiles(_folder.Path)
                .Select(f => Path.GetFileName(f)!)
                .Where(f => !f.EndsWith(".hit", StringComparison.Ordinal) && !f.EndsWith(".paused", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>SIGKILL at the visit of that number.</summary>
    public void Kill(string name, int visit = 1) => Arm(name, $"kill {visit}");

    /// <summary>Has the portal wait there until <see cref="Resume"/>.</summary>
    public void Pause(string name, int visit = 1) => Arm(name, $"pause {visit}");

    public bool IsPaused(string name) => File.Exists(Path.Combine(_folder.Path, $"{name}.paused"));

    public bool WasHit(string name) => File.Exists(Path.Combine(_folder.Path, $"{name}.hit"));

    public void Resume(string name) => File.Delete(Path.Combine(_folder.Path, $"{name}.paused"));

    public void Disarm(string name) => File.Delete(Path.Combine(_folder.Path, name));

    public void Dispose() => _folder.Dispose();

    // Written aside and moved, so that the portal never reads half a file.
    private void Arm(string name, string action)
    {
        File.Delete(Path.Combine(_folder.Path, $"{name}.hit"));
        var aside = Path.Combine(Path.GetTempPath(), $"failpoint-{Guid.NewGuid():N}");
        File.WriteAllText(aside, action);
        File.Move(aside, Path.Combine(_folder.Path, name), overwrite: true);
    }
}
