using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>What is to be recorded.</summary>
public sealed record AuditEntry(string Action, string TargetKind, string TargetId, string TargetName)
{
    /// <summary>Environment, where there is one; decides the chain.</summary>
    public Guid? EnvironmentId { get; init; }

    /// <summary>Team, where there is one; decides who may read it.</summary>
    public Guid? TeamId { get; init; }

    /// <summary>State before; null for none. Never secrets.</summary>
    public object? Before { get; init; }

    /// <summary>State after; null for none. Never secrets.</summary>
    public object? After { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>ContentDigest concerned.</summary>
    public string RequestDigest { get; init; } = "";
}

/// <summary>
/// Writes history inside the caller's transaction: if the row cannot be written, nothing happens. Chains: one for each environment and
/// one for the portal; an event's hash covers the hash before it.
/// </summary>
public sealed class AuditTrail(AuditKey key, TimeProvider time)
{
    /// <summary>Chain of events that belong to no environment.</summary>
    public const string PortalChain = "portal";

    /// <summary>Actor for what the portal does by itself.</summary>
    public const string System = "system";

    /// <summary>Appends one event; it is saved with the caller's changes.</summary>
    public async Task AppendAsync(PortalDbContext db, Caller caller, AuditEntry entry, CancellationToken cancellationToken)
    {
        var chain = entry.EnvironmentId is { } id ? ChainOf(id) : PortalChain;
        var head =
            db.AuditChainHeads.Local.FirstOrDefault(h => h.Chain == chain)
            ?? await db.AuditChainHeads.AsTracking().FirstOrDefaultAsync(h => h.Chain == chain, cancellationToken);
        if (head is null)
        {
            head = new AuditChainHead
            {
                Chain = chain,
                Index = 0,
                Hash = "",
            };
            db.AuditChainHeads.Add(head);
        }

        var now = time.GetUtcNow().UtcDateTime;
        var row = new AuditEvent
        {
            Chain = chain,
            Index = head.Index + 1,
            At = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc),
            Actor = caller.PersonId,
            Action = entry.Action,
            TargetKind = entry.TargetKind,
            TargetId = entry.TargetId,
            TargetName = entry.TargetName,
            EnvironmentId = entry.EnvironmentId,
            TeamId = entry.TeamId,
            BeforeJson = entry.Before is null ? "" : PortalJson.Write(entry.Before),
            AfterJson = entry.After is null ? "" : PortalJson.Write(entry.After),
            Reason = entry.Reason,
            RequestDigest = entry.RequestDigest,
            CorrelationId = caller.CorrelationId,
            SourceAddress = caller.SourceAddress,
            PreviousHash = head.Hash,
        };
        row.Hash = HashOf(row);
        db.AuditEvents.Add(row);
        head.Index = row.Index;
        head.Hash = row.Hash;
    }

    /// <summary>Chain of an environment.</summary>
    internal static string ChainOf(Guid environmentId) => $"env:{environmentId}";

    /// <summary>Hash that this event should have.</summary>
    internal string HashOf(AuditEvent e) =>
        key.Sign(
            Encoding.UTF8.GetBytes(
                JsonSerializer.Serialize(
                    new object?[]
                    {
                        e.Chain,
                        e.Index,
                        e.At.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
                        e.Actor,
                        e.Action,
                        e.TargetKind,
                        e.TargetId,
                        e.TargetName,
                        e.EnvironmentId,
                        e.TeamId,
                        e.BeforeJson,
                        e.AfterJson,
                        e.Reason,
                        e.RequestDigest,
                        e.CorrelationId,
                        e.SourceAddress,
                        e.PreviousHash,
                    }
                )
            )
        );
}
