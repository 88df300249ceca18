using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.UseCases.Changes;

/// <summary>Digest and seal of a change: what the approver saw is what is carried out, and the proposer is who it says.</summary>
public sealed class ChangeContent(AuditKey key)
{
    internal static string DigestOf(GovernanceKind kind, ChangeDraft draft) =>
        DigestOf(
            kind,
            draft.TargetId,
            draft.TargetName,
            draft.Summary,
            PortalJson.Write(draft.Before),
            PortalJson.Write(draft.After),
            PortalJson.Write(draft.Payload),
            draft.VaultName,
            draft.VaultVersion
        );

    internal static string DigestOf(GovernanceChange c) =>
        DigestOf(c.Kind, c.TargetId, c.TargetName, c.Summary, c.BeforeJson, c.AfterJson, c.PayloadJson, c.VaultName, c.VaultVersion);

    internal string SealOf(Guid id, string digest, string proposedBy) =>
        key.Sign(JsonSerializer.SerializeToUtf8Bytes(new[] { "change", id.ToString(), digest, proposedBy }));

    internal bool IsUntouched(GovernanceChange c) =>
        DigestOf(c) == c.ContentDigest
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(c.Seal),
            Encoding.UTF8.GetBytes(SealOf(c.Id, c.ContentDigest, c.ProposedBy))
        );

    private static string DigestOf(GovernanceKind kind, params ReadOnlySpan<string> parts) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes<string[]>([kind.ToString(), .. parts])));
}
