using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>
/// Keeps the store in one file, so that a second start goes on where the first was. Written a moment after a change
/// and at shutdown, by writing beside and renaming: a crash leaves the old file or the new one, never half of one.
/// </summary>
internal sealed partial class StoreFile(ObjectStore store, string path, ILogger<StoreFile> log) : BackgroundService
{
    private static readonly TimeSpan _calm = TimeSpan.FromMilliseconds(200);
    private readonly SemaphoreSlim _dirty = new(0, 1);
    private long _saved = -1;

    /// <summary>Reads the file into the store; false where there is none yet.</summary>
    public bool Load()
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var stream = File.OpenRead(path);
        var root =
            JsonNode.Parse(stream, documentOptions: new JsonDocumentOptions { MaxDepth = 256 }) as JsonObject
            ?? throw new InvalidDataException($"{path} is not a sandbox snapshot. Move it away to start empty.");
        var version = root.Number("resourceVersion") ?? 1;
        store.Import(
            version,
            root["items"]
                .Objects()
                .Select(o =>
                    (Type: ResourceTypes.OfKind(o.Text("apiVersion") ?? "", o.Text("kind") ?? ""), Item: (JsonObject)o.DeepClone())
                )
                .Where(o => o.Type is not null)
                .Select(o => (o.Type!, o.Item))
        );
        _saved = store.ResourceVersion;
        return true;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SaveAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        store.Changed += Ring;
        try
        {
            Ring();
            while (!stoppingToken.IsCancellationRequested)
            {
                await _dirty.WaitAsync(stoppingToken);
                var started = TimeProvider.System.GetTimestamp();
                await SaveAsync();

                // A big store is written more rarely, so that saving never takes more than a tenth of the time.
                var cost = TimeProvider.System.GetElapsedTime(started) * 10;
                await Task.Delay(cost > _calm ? cost : _calm, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Shutting down; StopAsync writes the last state.
        }
        finally
        {
            store.Changed -= Ring;
        }
    }

    private void Ring()
    {
        if (_dirty.CurrentCount == 0)
        {
            try
            {
                _dirty.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody rang at the same moment.
            }
        }
    }

    private async Task SaveAsync()
    {
        var (version, items) = store.Export();
        if (version == _saved)
        {
            return;
        }

        try
        {
            await PrivateFile.WriteAsync(path, stream => Write(stream, version, items));
            _saved = version;
        }
        catch (IOException e)
        {
            LogNotSaved(log, path, e.Message);
        }
    }

    private static void Write(Stream stream, long version, List<(ResourceType Type, JsonObject Item)> items)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { SkipValidation = true, MaxDepth = 512 });
        writer.WriteStartObject();
        writer.WriteNumber("resourceVersion", version);
        writer.WriteStartArray("items");
        foreach (var (_, item) in items)
        {
            item.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    [LoggerMessage(LogLevel.Warning, "The sandbox could not save its state to {Path}: {Reason}. It continues in memory.")]
    private static partial void LogNotSaved(ILogger logger, string path, string reason);
}
