using System.Text.Json;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clouds.Local;

/// <summary>
/// One version as the local vault stores it; the value is encrypted, and empty once disabled or deleted. Attributes and deletion are newer
/// than the first vaults.
/// </summary>
internal sealed record StoredVersion(
    string Id,
    string Value,
    bool Disabled,
    DateTime CreatedAt,
    SecretAttributes? Attributes = null,
    DateTime? DeletedAt = null
);

/// <summary>
/// The local vault's files: <c>NAME.json</c>, an array of <see cref="StoredVersion"/>. A reader sees the old file or the new one, never a
/// half; writers take turns by a lock file that holds across processes.
/// </summary>
internal sealed class VaultFiles
{
    private readonly string folder;

    public VaultFiles(string folder)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Names of all secrets, deleted ones too.</summary>
    public IReadOnlyList<string> Names() =>
        [.. Directory.EnumerateFiles(folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public async Task<List<StoredVersion>> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(PathOf(name));
            return await JsonSerializer.DeserializeAsync<List<StoredVersion>>(stream, JsonSerializerOptions.Web, cancellationToken) ?? [];
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (JsonException problem)
        {
            throw new VaultException(VaultFailure.Damaged, $"The local vault's file of '{name}' cannot be read.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(problem);
        }
    }

    public async Task ChangeAsync(string name, Action<List<StoredVersion>> change, CancellationToken cancellationToken)
    {
        await using var gate = await LockAsync(cancellationToken);
        var versions = await ReadAsync(name, cancellationToken);
        change(versions);
        var draft = $"{PathOf(name)}.{Guid.NewGuid():n}.new";
        try
        {
            await using (var stream = Private(draft, FileMode.CreateNew))
            {
                await JsonSerializer.SerializeAsync(stream, versions, JsonSerializerOptions.Web, cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, PathOf(name), overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(problem);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await FileLock.TakeAsync(Path.Combine(folder, ".lock"), cancellationToken);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(problem);
        }
    }

    private static FileStream Private(string path, FileMode mode) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = mode,
                Access = FileAccess.Write,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );

    private string PathOf(string name) => Path.Combine(folder, name + ".json");

    private static VaultException Unavailable(Exception problem) =>
        new(VaultFailure.Unavailable, $"The local vault cannot be read or written: {problem.Message}", problem);
}
