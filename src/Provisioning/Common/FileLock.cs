namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// A lock across processes: a file opened for its holder alone, which is flock(2). It goes away with the process however that
/// ends;
/// the file stays, because removing it would let two others in.
/// </summary>
internal static class FileLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Takes it, waiting up to ten seconds for others; disposing releases it.</summary>
    /// <param name="path">File, in an existing folder.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IOException">Somebody held it all the while, or it cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static async Task<FileStream> TakeAsync(string path, CancellationToken cancellationToken)
    {
        for (var until = DateTime.UtcNow + Patience; ; await Task.Delay(10, cancellationToken))
        {
            try
            {
                return new FileStream(
                    path,
                    new FileStreamOptions
                    {
                        Mode = FileMode.OpenOrCreate,
                        Access = FileAccess.Write,
                        Share = FileShare.None,
                        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    }
                );
            }
            catch (IOException) when (DateTime.UtcNow < until)
            {
                // Somebody else holds it.
            }
        }
    }
}
