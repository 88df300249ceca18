using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Approvals;

/// <summary>Everything that an approval binds to: target, chart digest, values, secret version ids and rendered manifests.</summary>
public sealed record ApprovedContent
{
    /// <summary>Kind of the finding, and code of the failure, where stored content is not what was approved.</summary>
    public const string FindingKind = "not-as-approved";

    /// <summary>What is done.</summary>
    public required RequestKind Kind { get; init; }

    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Cluster.</summary>
    public required Guid ClusterId { get; init; }

    /// <summary>Namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Helm release.</summary>
    public required string Release { get; init; }

    /// <summary>Profile.</summary>
    public required string Profile { get; init; }

    /// <summary>Revision that it starts from.</summary>
    public required int BaseRevision { get; init; }

    /// <summary>Spec.</summary>
    public required string SpecJson { get; init; }

    /// <summary>Digest of the chart's content.</summary>
    public required string ChartDigest { get; init; }

    /// <summary>Values.</summary>
    public required string ValuesYaml { get; init; }

    /// <summary>Rendered manifests.</summary>
    public required string ManifestYaml { get; init; }

    /// <summary>Secret versions by key.</summary>
    public required string SecretVersionsJson { get; init; }
}

/// <summary>What an approval names: SHA-256 over its content.</summary>
public static class ContentDigest
{
    /// <summary>Digest, <c>sha256:</c> and hex; anything changed gives another.</summary>
    public static string Of(ApprovedContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return Of(content, [content.Release]);
    }

    /// <summary>Digest of what a request holds now.</summary>
    public static string Of(ChangeRequest request, string release, string chartDigest) => Of(Content(request, release, chartDigest));

    /// <summary>Whether a digest is that of this content.</summary>
    public static bool Fits(string digest, ApprovedContent content)
    {
        ArgumentNullException.ThrowIfNull(content);

        // Requests from before the release's name was included had only one name, and are bound to that.
        return digest == Of(content) || (content.Release == HealthInspector.Release && digest == Of(content, []));
    }

    /// <summary>Whether a digest is that of what a request holds now.</summary>
    public static bool Fits(string digest, ChangeRequest request, string release, string chartDigest) =>
        Fits(digest, Content(request, release, chartDigest));

    /// <summary>Release of an environment, or the one that it will get.</summary>
    internal static async Task<string> ReleaseAsync(PortalDbContext db, Guid environmentId, CancellationToken cancellationToken) =>
        await db
            .Environments.AsNoTracking()
            .Where(e => e.Id == environmentId)
            .Select(e => e.ReleaseName)
            .FirstOrDefaultAsync(cancellationToken)
        ?? HealthInspector.Release;

    private static ApprovedContent Content(ChangeRequest request, string release, string chartDigest) =>
        new()
        {
            Kind = request.Kind,
            EnvironmentId = request.EnvironmentId,
            ClusterId = request.ClusterId,
            Namespace = request.Namespace,
            Release = release,
            Profile = request.Content.Profile,
            BaseRevision = request.BaseRevision,
            SpecJson = request.Content.SpecJson,
            ChartDigest = chartDigest,
            ValuesYaml = request.Content.ValuesYaml,
            ManifestYaml = request.Content.ManifestYaml,
            SecretVersionsJson = SecretPins.Write(request.Secrets),
        };

    private static string Of(ApprovedContent c, string[] release)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(
            new object[]
            {
                release.Length > 0 ? "v2" : "v1",
                c.Kind.ToString(),
                c.EnvironmentId,
                c.ClusterId,
                c.Namespace,
                c.Profile,
                c.BaseRevision,
                Hash(c.SpecJson),
                c.ChartDigest,
                Hash(c.ValuesYaml),
                Hash(c.ManifestYaml),
                Hash(c.SecretVersionsJson),
            }.Concat(release)
        );
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
