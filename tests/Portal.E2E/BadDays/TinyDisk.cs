using System.Diagnostics;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>A file system of its own that is quickly full: a tmpfs, so that the kernel itself says ENOSPC.</summary>
internal sealed class TinyDisk : IAsyncDisposable
{
    private const int NoSpace = 28;
    private readonly TemporaryFolder folder = new();

    private string Ballast => System.IO.Path.Combine(folder.Path, "ballast");

    /// <summary>Folder for data on it.</summary>
    public string Data => System.IO.Path.Combine(folder.Path, "data");

    public static async Task<TinyDisk> MountAsync(int megabytes)
    {
        var disk = new TinyDisk();
        await RootAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=1777", "tmpfs", disk.folder.Path);
        Directory.CreateDirectory(disk.Data);
        return disk;
    }

    /// <summary>Leaves no byte free.</summary>
    public async Task FillAsync()
    {
        var buffer = new byte[1024 * 1024];
        for (var chunk = buffer.Length; chunk >= 512; chunk /= 2)
        {
            try
            {
                await using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
                while (true)
                {
                    await file.WriteAsync(buffer.AsMemory(0, chunk));
                }
            }
            catch (IOException e) when (e.HResult == NoSpace || e.Message.Contains("No space left", StringComparison.Ordinal))
            {
                // Full for pieces of this size: try smaller ones.
            }
        }
    }

    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await RootAsync("umount", "--lazy", folder.Path);
        folder.Dispose();
    }

    private static async Task RootAsync(params string[] command)
    {
        string[] line = Environment.IsPrivilegedProcess ? command : ["sudo", "-n", .. command];
        using var process = new LoggedProcess(new ProcessStartInfo(line[0], line[1..]));
        await process.WaitAsync();
        Assert.True(
            process.ExitCode == 0,
            $"A full disk needs one that can be filled, so this test mounts a tmpfs: run it as root, or allow sudo without a password. {process.Output}"
        );
    }
}
