using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Audit;

/// <summary>
/// Writes the heads of all chains to a second place, one JSON line a seal, so that cutting off the end of a chain shows. Put the file
/// on storage that the database's administrators cannot write.
/// </summary>
public sealed class AuditSealer(UnitOfWork work, IOptions<ProvisioningOptions> options, TimeProvider time)
{
    private readonly Lock gate = new();

    private string FilePath => Path.Combine(options.Value.DataDirectory, "audit", "seals.jsonl");

    /// <summary>Seals the heads as they are, unless nothing changed since the last seal.</summary>
    public async Task SealAsync(CancellationToken cancellationToken)
    {
        var heads = await work.ReadAsync(
            db => db.AuditChainHeads.AsNoTracking().OrderBy(h => h.Chain).Select(h => new SealedHead(h.Chain, h.Index, h.Hash)).ToListAsync(cancellationToken),
            cancellationToken);
        lock (gate)
        {
            var last = LastSeal();
            var news = heads.Where(h => !last.TryGetValue(h.Chain, out var known) || known != h).ToList();
            if (news.Count == 0)
            {
                return;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
            File.AppendAllText(FilePath, JsonSerializer.Serialize(new Seal(time.GetUtcNow().UtcDateTime, news), PortalJson.Options) + "\n");
        }
    }

    internal IReadOnlyDictionary<string, SealedHead> LastSeal()
    {
        var heads = new Dictionary<string, SealedHead>(StringComparer.Ordinal);
        if (!File.Exists(FilePath))
        {
            return heads;
        }

        foreach (var line in File.ReadLines(FilePath))
        {
            Seal? seal;
            try
            {
                seal = JsonSerializer.Deserialize<Seal>(line, PortalJson.Options);
            }
            catch (JsonException)
            {
                continue; // a line cut short by a crash; the next one says the same again
            }

            foreach (var head in seal?.Heads ?? [])
            {
                heads[head.Chain] = head;
            }
        }

        return heads;
    }

    internal sealed record SealedHead(string Chain, long Index, string Hash);

    private sealed record Seal(DateTime At, IReadOnlyList<SealedHead> Heads);
}
