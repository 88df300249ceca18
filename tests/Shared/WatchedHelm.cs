namespace Portkey.Portal.Shared;

/// <summary>
/// The real Helm behind a script that notes when two of them change the same release at once, and can have one of them killed in the
/// middle.
/// The note is a lock on an inherited file: the kernel drops it when that Helm ends, however it ends.
/// </summary>
public sealed class WatchedHelm : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public WatchedHelm()
    {
        File.WriteAllText(
            Path,
            $$"""
            #!/bin/sh
            # Helm's own words come first: upgrade RELEASE CHART, rollback RELEASE REVISION, uninstall RELEASE.
            case "$1" in
              upgrade|rollback|uninstall)
                for word in "$@"; do case "$word" in upgrade|rollback|uninstall|-*) ;; *) release="$word"; break ;; esac; done
                before=; for word in "$@"; do [ "$before" != --namespace ] || release="$word.$release"; before="$word"; done
                exec 9>"{{_folder.Path}}/$release.lock"
                flock -n 9 || echo "$* while another helm was at work on $release" >>"{{_folder.Path}}/overlaps"
                echo "$1 $release" >>"{{_folder.Path}}/runs"
                if mv "{{_folder.Path}}/kill-after" "{{_folder.Path}}/killing" 2>/dev/null; then
                  ( sleep "$(cat "{{_folder.Path}}/killing")"; kill -9 $$ && echo "$1" >>"{{_folder.Path}}/kills" ) >/dev/null 2>&1 </dev/null 9>&- &
                fi ;;
            esac
            exec "{{Tools.Helm}}" "$@"
            """.Replace("\r", "", StringComparison.Ordinal)
        );
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }

    /// <summary>To be configured as Portal:HelmPath.</summary>
    public string Path => System.IO.Path.Combine(_folder.Path, "helm");

    /// <summary>Each run that changed a release, as "upgrade NAMESPACE.NAME".</summary>
    public IReadOnlyList<string> Runs => Lines("runs");

    /// <summary>Each run that began while another one changed the same release; must stay empty.</summary>
    public IReadOnlyList<string> Overlaps => Lines("overlaps");

    /// <summary>The runs that were really killed, not those that ended sooner.</summary>
    public IReadOnlyList<string> Kills => Lines("kills");

    /// <summary>How many runs that change a release are under way now.</summary>
    public int AtWork => Directory.GetFiles(_folder.Path, "*.lock").Count(IsHeld);

    /// <summary>Has the next run that changes a release killed after that time.</summary>
    public void KillNextAfter(TimeSpan delay) =>
        File.WriteAllText(
            System.IO.Path.Combine(_folder.Path, "kill-after"),
            delay.TotalSeconds.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)
        );

    public void Dispose() => _folder.Dispose();

    private static bool IsHeld(string file)
    {
        using var flock = System.Diagnostics.Process.Start("flock", ["-n", file, "true"]);
        flock.WaitForExit();
        return flock.ExitCode != 0;
    }

    private string[] Lines(string file)
    {
        var path = System.IO.Path.Combine(_folder.Path, file);
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }
}
