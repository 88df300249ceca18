using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>What is checked: one revision, or a proposal that may become one.</summary>
public sealed class PreflightSubject
{
    private readonly Lazy<IReadOnlyList<JsonObject>> objects;
    private readonly Func<string, string> value;

    /// <summary>Makes it.</summary>
    public PreflightSubject(EnvironmentSpec spec, string manifest)
    {
        Spec = spec;
        value = SpecValidator.Value(spec);
        objects = new(() => ManifestItems.Parse(manifest));
    }

    /// <summary>Cluster.</summary>
    public required ClusterConnection Cluster { get; init; }

    /// <summary>Namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Environment that the namespace must belong to, where there is one already.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Release.</summary>
    public required string ReleaseName { get; init; }

    /// <summary>Zones that the pods are to be spread over.</summary>
    public required int Zones { get; init; }

    /// <summary>Versions of secrets.</summary>
    public required IReadOnlyDictionary<string, SecretPin> Pins { get; init; }

    /// <summary>How secrets get into the cluster.</summary>
    public SecretDeliverySettings Delivery { get; init; } = SecretDeliverySettings.Portal;

    /// <summary>Whether an administrator allows Jobs of preflight in the cluster.</summary>
    public bool PreflightJobs { get; init; }

    /// <summary>Whether what is checked is already approved.</summary>
    public bool IsApproved { get; init; }

    /// <summary>Whether the registry password may be shown to the registry that the spec names, see <see cref="RegistryTrust"/>; an
    /// approval says so.</summary>
    public bool MaySignInAtRegistry { get; init; } = true;

    /// <summary>What is wanted.</summary>
    public EnvironmentSpec Spec { get; }

    /// <summary>Values of the pinned secrets, for the checks alone; what could not be read is missing.</summary>
    internal IReadOnlyDictionary<string, SecretValue> Secrets { get; set; } = new Dictionary<string, SecretValue>();

    /// <summary>Why a secret could not be read, by its key.</summary>
    internal IReadOnlyDictionary<string, VaultException> Unread { get; set; } = new Dictionary<string, VaultException>();

    /// <summary>Rendered objects.</summary>
    internal IReadOnlyList<JsonObject> Objects => objects.Value;

    /// <summary>A setting, or the catalogue's default for it.</summary>
    internal string Value(string key) => value(key);

    /// <summary>A secret's value; empty where there is none.</summary>
    internal string Secret(string key) => Secrets.GetValueOrDefault(key)?.Reveal() ?? "";
}
