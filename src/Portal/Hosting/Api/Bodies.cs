using System.ComponentModel.DataAnnotations;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common.Reading;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>A body that the API takes, JSON; published with the body's description, and posted by a test.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ExampleAttribute(string json) : Attribute
{
    public string Json { get; } = json;
}

/// <summary>Lengths that several bodies share.</summary>
internal static class Longest
{
    public const int Name = 200;
    public const int Reason = 2000;

    /// <summary>Longest secret: what a vault takes.</summary>
    public const int Secret = SpecValidator.MaxSecretLength;
}

/// <summary>What the environment should be; secrets are accepted once and never returned.</summary>
internal sealed record SpecBody : EnvironmentSpec
{
    /// <summary>New values of secrets by setting. They go to the vault and are never returned.</summary>
    [Entries(Longest.Secret)]
    public IReadOnlyDictionary<string, SecretValue> Secrets { get; init; } = new Dictionary<string, SecretValue>();

    /// <summary>What is kept of it.</summary>
    public EnvironmentSpec Spec() => BodyContract.Copy<EnvironmentSpec>(this);
}

/// <summary>A proposal; also what the wizard keeps as its draft.</summary>
[Example(
    """
        {"kind":"create","team":"payments","name":"checkout","cluster":"sandbox","profile":"dev","reason":"Gateway for the checkout service",
         "spec":{"edition":"oss","settings":{"LOG_LEVEL":"info"},"network":{"exposure":"internal"},"ttlHours":168}}
        """
)]
internal sealed record ProposeBody
{
    /// <summary>What is proposed.</summary>
    [Required]
    public RequestKind Kind { get; init; }

    /// <summary>Name of the team that owns it; for a create.</summary>
    [StringLength(Longest.Name)]
    public string? Team { get; init; }

    /// <summary>Name of the environment: lower-case letters, digits and hyphens; for a create.</summary>
    [StringLength(Longest.Name)]
    public string? Name { get; init; }

    /// <summary>Name of the cluster; for a create. Left out for the only one.</summary>
    [StringLength(Longest.Name)]
    public string? Cluster { get; init; }

    /// <summary>Name of a profile; left out for the present one.</summary>
    [StringLength(Longest.Name)]
    public string? Profile { get; init; }

    /// <summary>Id of the environment; for everything but a create.</summary>
    public Guid? EnvironmentId { get; init; }

    /// <summary>Chart version as in the catalogue; left out for the edition's default (create) or the present one.</summary>
    [StringLength(Longest.Name)]
    public string? ChartVersion { get; init; }

    /// <summary>What it should be; left out to keep it as it is.</summary>
    public SpecBody? Spec { get; init; }

    /// <summary>Id of an import whose secrets a create takes.</summary>
    public Guid? Import { get; init; }

    /// <summary>Secret to rotate; for a rotate.</summary>
    [StringLength(Longest.Name)]
    public string? Key { get; init; }

    /// <summary>Revision to go back to; for a rollback.</summary>
    public int? Revision { get; init; }

    /// <summary>Why, for whoever approves it and for the history.</summary>
    [StringLength(Longest.Reason)]
    public string Reason { get; init; } = "";

    public ProposeCommand Command() =>
        new()
        {
            Kind = Kind,
            Team = Team,
            Name = Name,
            Cluster = Cluster,
            Profile = Profile,
            EnvironmentId = EnvironmentId,
            ChartVersion = ChartVersion,
            ImportId = Import,
            RotateKey = Key,
            ToRevision = Revision,
            Reason = Reason,
            Spec = Spec?.Spec(),
            Secrets = Spec?.Secrets ?? new Dictionary<string, SecretValue>(),
        };
}

/// <summary>A decision on exactly this content.</summary>
[Example("""{"digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","reason":"As agreed"}""")]
internal sealed record DecisionBody
{
    /// <summary>Digest of what is decided on, as it was read; another content has another digest, and the decision on it is
    /// refused.</summary>
    [Required]
    [StringLength(Longest.Name)]
    public string Digest { get; init; } = "";

    /// <summary>Why; a rejection needs it.</summary>
    [StringLength(Longest.Reason)]
    public string Reason { get; init; } = "";
}

/// <summary>Why.</summary>
[Example("""{"reason":"No longer needed"}""")]
internal sealed record ReasonBody
{
    /// <summary>Why, for the history.</summary>
    [StringLength(Longest.Reason)]
    public string Reason { get; init; } = "";
}

/// <summary>What every proposal about an environment that exists may say.</summary>
internal abstract record EnvironmentBody
{
    /// <summary>Why, for whoever approves it and for the history.</summary>
    [StringLength(Longest.Reason)]
    public string Reason { get; init; } = "";

    /// <summary>The proposal that it stands for, without environment and reason.</summary>
    public abstract ProposeCommand Command();
}

/// <summary>Other settings, size, network or profile.</summary>
[Example(
    """{"spec":{"edition":"oss","settings":{"LOG_LEVEL":"debug"},"network":{"exposure":"internal"}},"reason":"Look into a slow provider"}"""
)]
internal sealed record ChangeBody : EnvironmentBody
{
    /// <summary>Name of a profile; left out for the present one.</summary>
    [StringLength(Longest.Name)]
    public string? Profile { get; init; }

    /// <summary>Chart version as in the catalogue; left out for the present one.</summary>
    [StringLength(Longest.Name)]
    public string? ChartVersion { get; init; }

    /// <summary>All of what it should be; left out to keep it as it is.</summary>
    public SpecBody? Spec { get; init; }

    public override ProposeCommand Command() =>
        new()
        {
            Kind = RequestKind.Change,
            Profile = Profile,
            ChartVersion = ChartVersion,
            Spec = Spec?.Spec(),
            Secrets = Spec?.Secrets ?? new Dictionary<string, SecretValue>(),
        };
}

/// <summary>Another chart version.</summary>
[Example("""{"chartVersion":"1.0.0","reason":"Newer gateway"}""")]
internal sealed record UpgradeBody : EnvironmentBody
{
    /// <summary>Chart version as in the catalogue.</summary>
    [Required]
    [StringLength(Longest.Name)]
    public string ChartVersion { get; init; } = "";

    public override ProposeCommand Command() => new() { Kind = RequestKind.Upgrade, ChartVersion = ChartVersion };
}

/// <summary>Use the newest version of this secret; with issue, one that its provider makes now.</summary>
[Example("""{"key":"REDIS_URL","reason":"Quarterly rotation"}""")]
internal sealed record RotateBody : EnvironmentBody
{
    /// <summary>Secret to rotate.</summary>
    [Required]
    [StringLength(Longest.Name)]
    public string Key { get; init; } = "";

    /// <summary>Whether its provider is to make a new value first.</summary>
    public bool Issue { get; init; }

    public override ProposeCommand Command() =>
        new()
        {
            Kind = RequestKind.Rotate,
            RotateKey = Key,
            Issue = Issue,
        };
}

/// <summary>Back to this revision.</summary>
[Example("""{"revision":1,"reason":"The new settings were slower"}""")]
internal sealed record RollbackBody : EnvironmentBody
{
    /// <summary>Revision to go back to.</summary>
    [Required]
    public int Revision { get; init; }

    public override ProposeCommand Command() => new() { Kind = RequestKind.Rollback, ToRevision = Revision };
}

/// <summary>Removal.</summary>
[Example("""{"reason":"The service was retired"}""")]
internal sealed record DeleteBody : EnvironmentBody
{
    public override ProposeCommand Command() => new() { Kind = RequestKind.Delete };
}

/// <summary>When a credential is to be replaced; what is left out is removed.</summary>
[Example("""{"rotateEveryDays":90,"rotateBeforeDays":14}""")]
internal sealed record PolicyBody
{
    /// <summary>When it expires: a day such as 2027-01-31, or a time such as 2027-01-31T08:00:00Z.</summary>
    [StringLength(40)]
    public DateTime? ExpiresAt { get; init; }

    /// <summary>Days after which it is to be replaced.</summary>
    public int? RotateEveryDays { get; init; }

    /// <summary>Days before its expiry at which it is to be replaced.</summary>
    public int? RotateBeforeDays { get; init; }

    /// <summary>When that may happen, such as <c>Sat 02:00-04:00 Europe/Berlin</c>; left out for at any time.</summary>
    [StringLength(MaintenanceWindow.Longest)]
    public string Window { get; init; } = "";

    /// <summary>Whether it is replaced without an approval each time, which waits for a second administrator.</summary>
    public bool Unattended { get; init; }

    public CredentialPolicy Policy() => new(ExpiresAt, RotateEveryDays, RotateBeforeDays, Window, Unattended);
}

/// <summary>A rotation of a shared credential.</summary>
[Example("""{"waveSize":5,"reason":"Quarterly rotation"}""")]
internal sealed record ProposeRotationBody
{
    /// <summary>Environments at once after the first.</summary>
    public int? WaveSize { get; init; }

    /// <summary>Why, for whoever approves it and for the history.</summary>
    [StringLength(Longest.Reason)]
    public string Reason { get; init; } = "";
}

/// <summary>What makes new values; never a secret.</summary>
[Example("""{"provider":"random","settings":{"length":"40"}}""")]
internal sealed record ProviderBody
{
    /// <summary>random, redis-acl or azure-storage; left out for none.</summary>
    [StringLength(40)]
    public string Provider { get; init; } = "";

    /// <summary>Of random: length, alphabet; of redis-acl: user, admin; of azure-storage: subscription, resourceGroup, account.</summary>
    [Entries(200, Scalars = true)]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A chart to allow.</summary>
[Example("""{"source":"oci","location":"oci://registry.example.com/charts/gateway","version":"1.7.7","edition":"enterprise"}""")]
internal sealed record RegisterChartBody
{
    /// <summary>Where it comes from.</summary>
    [Required]
    public ChartSource Source { get; init; }

    /// <summary>Folder, <c>https://repository#chart</c> or <c>oci://…</c>.</summary>
    [Required]
    [StringLength(1000)]
    public string Location { get; init; } = "";

    /// <summary>Version; left out for the one that a folder has.</summary>
    [StringLength(Longest.Name)]
    public string? Version { get; init; }

    /// <summary>Which gateway it installs.</summary>
    [Required]
    public Edition Edition { get; init; }

    /// <summary>Whether new environments of this edition use it.</summary>
    public bool MakeDefault { get; init; }

    /// <summary>Why it may do what the restricted Pod Security Standard forbids; such a chart waits for a second administrator.</summary>
    [StringLength(1000)]
    public string? PodSecurityWaiver { get; init; }
}

/// <summary>A cluster to register.</summary>
[Example("""{"name":"eu-1","kubeconfig":"apiVersion: v1\nkind: Config\n…"}""")]
internal sealed record RegisterClusterBody
{
    /// <summary>Name: lower-case letters, digits and hyphens.</summary>
    [Required]
    [StringLength(Longest.Name)]
    public string Name { get; init; } = "";

    /// <summary>Its kubeconfig, YAML. It goes to the vault and is never returned.</summary>
    [Required]
    [StringLength(256 * 1024)]
    public SecretValue Kubeconfig { get; init; } = new("");
}

/// <summary>How secrets get into a cluster; fields of another mode are refused.</summary>
[Example("""{"mode":"portal"}""")]
internal sealed record SecretDeliveryBody
{
    /// <summary>portal, externalSecrets or csi.</summary>
    [Required]
    [StringLength(40)]
    public string Mode { get; init; } = "";

    /// <summary>Kind of the store; for externalSecrets.</summary>
    [StringLength(40)]
    public string? StoreKind { get; init; }

    /// <summary>Name of the store; for externalSecrets.</summary>
    [StringLength(300)]
    public string? StoreName { get; init; }

    /// <summary>How often the operator looks, such as 1h; for externalSecrets.</summary>
    [StringLength(20)]
    public string? RefreshInterval { get; init; }

    /// <summary>Name of the key vault; for csi.</summary>
    [StringLength(300)]
    public string? Vault { get; init; }

    /// <summary>Tenant of the key vault; for csi.</summary>
    [StringLength(60)]
    public string? TenantId { get; init; }

    /// <summary>Identity that reads it; for csi.</summary>
    [StringLength(60)]
    public string? ClientId { get; init; }

    public SecretDeliveryView View() => new(Mode, StoreKind, StoreName, RefreshInterval, Vault, TenantId, ClientId);
}

/// <summary>Whether preflight may run short Jobs in the cluster.</summary>
[Example("""{"allowed":true}""")]
internal sealed record PreflightJobsBody
{
    /// <summary>Whether it may.</summary>
    [Required]
    public bool Allowed { get; init; }
}
