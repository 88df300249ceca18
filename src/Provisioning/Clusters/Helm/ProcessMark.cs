using System.Globalization;
using System.Runtime.InteropServices;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Remembers a Helm process beyond the portal's own life, in a file: <c>PID START BOOT</c>. Start time and boot id make sure that a PID
/// that the kernel has since given to another process is left alone.
/// </summary>
internal static class ProcessMark
{
    private const int Terminate = 15;
    private const int Kill = 9;

    public static void Write(string path, int pid)
    {
        if (Identity(pid) is { } identity)
        {
            File.WriteAllText(path, identity);
        }
    }

    /// <summary>Ends the process that the file names, if it still lives: SIGTERM, so that Helm can release its lock, and SIGKILL after the
    /// grace.</summary>
    public static async Task EndAsync(string path, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var identity = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        if (int.TryParse(identity.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Identity(pid) == identity)
        {
            _ = Signal(pid, Terminate);
            var until = DateTime.UtcNow + grace;
            while (Identity(pid) == identity)
            {
                if (DateTime.UtcNow > until)
                {
                    _ = Signal(pid, Kill);
                }

                await Task.Delay(50, cancellationToken);
            }
        }

        // A process that took over meanwhile has put its own mark there, which must stay.
        if (File.Exists(path) && (await File.ReadAllTextAsync(path, cancellationToken)).Trim() == identity)
        {
            File.Delete(path);
        }
    }

    // /proc/PID/stat: "123 (helm) S …": the name may hold anything, so fields are counted after its last parenthesis; field 22 is the
    // start.
    private static string? Identity(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : $"{pid} {fields[19]} {File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}";
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int pid, int signal);
}
