using System.Text;
using System.Text.Json;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>Newest event of a chain, as it was sealed.</summary>
internal sealed record SealedHead(string Chain, long Index, string Hash);

/// <summary>One line of a file of seals.</summary>
/// <param name="Stream">Id of the seals that follow one another.</param>
/// <param name="Number">1, 2, 3 … within the stream.</param>
/// <param name="At">UTC.</param>
/// <param name="Previous">Signature of the seal before; empty for the first.</param>
/// <param name="Oldest">In the first line of a file, which holds every chain: the number that the oldest kept file begins with. Else null,
/// and only chains that changed are here.</param>
/// <param name="Heads">Heads.</param>
internal sealed record Seal(string Stream, long Number, DateTime At, string Previous, long? Oldest, IReadOnlyList<SealedHead> Heads)
{
    /// <summary>HMAC-SHA-256 over all of the above, hex.</summary>
    public string Mac { get; init; } = "";

    /// <summary>The line of this text; null when it is not one.</summary>
    public static Seal? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return
                JsonSerializer.Deserialize<Seal>(line, PortalJson.Options)
                    is { Stream: not null, Previous: not null, Heads: { } heads, Mac: not null } seal
                && heads.All(h => h is { Chain: not null, Hash: not null })
                ? seal
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public Seal SignedBy(AuditKey key) => this with { Mac = MacBy(key) };

    public bool IsSignedBy(AuditKey key) => Mac == MacBy(key);

    public byte[] Line() => Encoding.UTF8.GetBytes(PortalJson.Write(this) + "\n");

    // No event's content begins like this, so that a signature of one is never valid for the other.
    private string MacBy(AuditKey key) =>
        key.Sign(
            Encoding.UTF8.GetBytes(
                "portkey-portal seal\n"
                    + JsonSerializer.Serialize(
                        new object?[]
                        {
                            Stream,
                            Number,
                            At.Ticks,
                            Previous,
                            Oldest,
                            Heads.Select(h => new object[] { h.Chain, h.Index, h.Hash }),
                        }
                    )
            )
        );
}
