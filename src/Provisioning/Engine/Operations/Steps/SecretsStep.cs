using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Brings the pinned versions of secrets into the namespace, and compares what the manifests take from them with what is
/// there.</summary>
internal sealed class SecretsStep(ISecretDelivery secrets, ISecretVault vault) : IOperationStep
{
    public static StepInfo Info { get; } = new("secrets", "Write secrets", typeof(SecretsStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (context.Pins.Count == 0)
        {
            context.Log.Write("This revision uses no secrets.");
            return StepResult.Done;
        }

        var values = new Dictionary<string, SecretValue>(StringComparer.Ordinal);
        foreach (var (key, pin) in context.Pins)
        {
            values[key] = await vault.GetAsync(pin.VaultName, pin.VaultVersion, cancellationToken);
        }

        context.Log.Redactor = Redactor.With(values.Values);
        var set = new SecretSet(context.Namespace, context.ReleaseName, context.Pins, context.PullSecret, values, context.Labels);
        await secrets.WriteAsync(context.Cluster, context.Delivery, set, context.Log.Write, context.Fence.EnsureAsync, cancellationToken);
        await secrets.CheckAsync(context.Cluster, context.Delivery, set, context.Revision!.Content.ManifestYaml, cancellationToken);
        return StepResult.Done;
    }
}
