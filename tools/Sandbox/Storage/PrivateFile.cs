namespace Portkey.Portal.Sandbox.Storage;

/// <summary>Writes files that only their owner may read, whole or not at all.</summary>
internal static class PrivateFile
{
    public static async Task WriteAsync(string path, Action<Stream> write)
    {
        var beside = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 64 * 1024,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var stream = new FileStream(beside, options))
        {
            write(stream);
            await stream.FlushAsync();
        }

        File.Move(beside, path, overwrite: true);
    }

    public static Task WriteTextAsync(string path, string text) =>
        WriteAsync(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
