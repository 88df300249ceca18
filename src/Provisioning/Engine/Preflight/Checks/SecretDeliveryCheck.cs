using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>What gets secrets into the cluster is there and reads the right vault, where that is not the portal itself.</summary>
internal sealed class SecretDeliveryCheck(VaultAddresses? vaults) : IPreflightCheck
{
    public string Id => "secret-delivery";

    public string Title => "Secrets reach the cluster";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => subject.Delivery.Mode != SecretDeliveryMode.Portal && subject.Pins.Count > 0;

    public Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken) =>
        subject.Delivery.Mode == SecretDeliveryMode.ExternalSecrets
            ? ExternalSecretsAsync(subject, cancellationToken)
            : CsiAsync(subject, cancellationToken);

    private async Task<Verdict> ExternalSecretsAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var (cluster, delivery) = (subject.Cluster, subject.Delivery);
        if (!await Discovery.ServesAsync(cluster, ExternalSecretObjects.ApiVersion, "ExternalSecret", cancellationToken))
        {
            return Verdict.Fail(
                $"{cluster.Name} does not serve ExternalSecret in {ExternalSecretObjects.ApiVersion}.",
                "Install External Secrets 0.16 or newer there, or have an administrator choose another secret delivery for this cluster.",
                "secret-delivery-crds"
            );
        }

        var name = $"{delivery.StoreKind} {delivery.StoreName}";
        var root = $"/apis/{ExternalSecretObjects.ApiVersion}";
        var path =
            delivery.StoreKind == "SecretStore"
                ? $"{root}/namespaces/{subject.Namespace}/secretstores/{delivery.StoreName}"
                : $"{root}/clustersecretstores/{delivery.StoreName}";
        if (await cluster.GetAsync(path, cancellationToken) is not { } store)
        {
            // A namespace that the operation makes cannot hold a store yet; whoever makes the store has until the operation waits for it.
            return
                delivery.StoreKind == "SecretStore" && await cluster.GetAsync(Namespaces.Path(subject.Namespace), cancellationToken) is null
                ? Verdict.Warn(
                    $"Namespace {subject.Namespace} is not there yet, and so neither is {name} in it.",
                    "Create the store once the namespace is there; the operation waits for it for two minutes. A ClusterSecretStore needs none of this."
                )
                : Verdict.Fail(
                    $"There is no {name}{(delivery.StoreKind == "SecretStore" ? $" in namespace {subject.Namespace}" : "")}.",
                    "Create it, or have an administrator name another one for this cluster.",
                    "secret-delivery-store"
                );
        }

        var (isReady, reason) = ExternalSecretsDelivery.ReadyOf(store);
        if (isReady != true)
        {
            return Verdict.Fail(
                $"{name} is not ready{(reason.Length > 0 ? $": {reason}" : ", and does not say why.")}",
                "Fix the store: External Secrets reads nothing through it until then.",
                "secret-delivery-store"
            );
        }

        if (KnownClouds.OfClusters.Delivery!.VaultOf(store) is { } vault)
        {
            return Elsewhere(subject.Pins, vault, name) ?? Verdict.Pass($"{name} is ready and reads {vault.Host}.");
        }

        return Verdict.Warn(
            $"{name} is ready, but does not say that it reads an Azure Key Vault.",
            "Check that it reads the vault that the portal writes to."
        );
    }

    private async Task<Verdict> CsiAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        if (!await Discovery.ServesAsync(subject.Cluster, CsiObjects.ApiVersion, "SecretProviderClass", cancellationToken))
        {
            return Verdict.Fail(
                $"{subject.Cluster.Name} does not serve SecretProviderClass in {CsiObjects.ApiVersion}.",
                "Install the Secrets Store CSI driver with Azure's provider (on AKS: the add-on azure-keyvault-secrets-provider), or have an administrator choose another delivery.",
                "secret-delivery-crds"
            );
        }

        return Elsewhere(SecretPins.OfEnvironment(subject.Pins), new Uri(subject.Delivery.Vault!), "The CSI driver")
            ?? Verdict.Pass(
                $"The CSI driver is there. It reads {new Uri(subject.Delivery.Vault!).Host} as {subject.Delivery.ClientId}, which only its pod can try."
            );
    }

    private Verdict? Elsewhere(IReadOnlyDictionary<string, SecretPin> pins, Uri vault, string reader) =>
        vaults?.Elsewhere(pins, vault) is { Count: > 0 } elsewhere
            ? Verdict.Fail(
                $"{reader} reads {vault.Host}, but {string.Join(", ", elsewhere)} is kept in another vault.",
                "Have an administrator point it to that vault, or choose another secret delivery for this cluster.",
                "secret-delivery-vault"
            )
            : null;
}
