using System.Text;

namespace Portkey.Portal.Sandbox.Kubelet.Runtime;

/// <summary>What a container leaves in its termination message file; a kubelet keeps the first 4096 bytes.</summary>
internal static class TerminationMessage
{
    public const string DefaultPath = "/dev/termination-log";

    private const int Most = 4096;

    public static string FileOf(string workFolder) => Path.Combine(workFolder, "termination-log");

    /// <summary>An empty file, as each run begins with.</summary>
    public static void Prepare(string workFolder) => File.WriteAllBytes(FileOf(workFolder), []);

    /// <summary>Its text; null for none.</summary>
    public static string? Read(string workFolder)
    {
        try
        {
            using var file = File.OpenRead(FileOf(workFolder));
            var bytes = new byte[Most];
            var count = file.ReadAtLeast(bytes, Most, throwOnEndOfStream: false);
            return count == 0 ? null : Encoding.UTF8.GetString(bytes, 0, count);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
