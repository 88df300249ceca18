using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Credentials;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>
/// The two keys of a storage account, in turn: the unused one is regenerated and becomes the new version; the other stays valid
/// until that is proven, and is then regenerated, which revokes it. A key that may be in use is never touched.
/// </summary>
internal sealed class StorageKeys(IStorageAccounts accounts) : IKeyIssuer
{
    public string Id => ProviderNames.AzureStorage;

    public async Task<IssuePlan> PlanAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var account = context.Setting("account");
        if (context.Current is null)
        {
            throw new IssueException(
                "not-in-use",
                $"No version of {context.Key} is in use yet, so it is not known which key of {account} is free. The first one is typed; from then on it can be issued."
            );
        }

        var keys = await accounts.ListAsync(AccountOf(context), cancellationToken);
        if (!keys.Any(k => Same(k.Value, context.Current)))
        {
            throw new IssueException(
                "azure-other-key",
                $"The value in use is not a key of storage account {account}: the provider names another account, or somebody regenerated the key. Store the right key and rotate to it first."
            );
        }

        var free =
            keys.FirstOrDefault(k => !context.InUse.Concat(context.OfOthers).Any(v => Same(k.Value, v)))
            ?? throw new IssueException(
                "azure-no-free-key",
                $"Both keys of storage account {account} may be in use, so neither can be regenerated: by another environment, or by a rotation that could not go back. Fix that first."
            );
        return new IssuePlan(free.Name, null);
    }

    public async Task<SecretValue> IssueAsync(IssueContext context, IssuePlan plan, CancellationToken cancellationToken)
    {
        var keys = await accounts.RegenerateAsync(AccountOf(context), plan.Mark, cancellationToken);
        return keys.FirstOrDefault(k => k.Name == plan.Mark) is { } made
            ? made.Value
            : throw new IssueException(
                "azure-answer",
                $"Azure's answer has no key {plan.Mark} of storage account {context.Setting("account")}."
            );
    }

    /// <summary>Nothing to do: the key is free, and is regenerated when it is needed next.</summary>
    public Task TakeBackAsync(IssueContext context, string mark, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<string> RetireAsync(IssueContext context, SecretValue old, CancellationToken cancellationToken)
    {
        var (keys, account) = (await accounts.ListAsync(AccountOf(context), cancellationToken), context.Setting("account"));
        if (keys.FirstOrDefault(k => Same(k.Value, old)) is not { } key)
        {
            return $"The old value is no longer a key of storage account {account}.";
        }

        if (context.InUse.Any(v => Same(key.Value, v)))
        {
            return $"{key.Name} of storage account {account} is still in use; it was not regenerated.";
        }

        if (context.OfOthers.Any(v => Same(key.Value, v)))
        {
            throw new IssueException(
                "azure-key-shared",
                $"{key.Name} of storage account {account}, the old value, is also in use by another environment, so it was not regenerated and stays valid. Rotate that one as well."
            );
        }

        await accounts.RegenerateAsync(AccountOf(context), key.Name, cancellationToken);
        return $"{key.Name} of storage account {account}, the old value, was regenerated: the old value opens nothing any more.";
    }

    private static StorageAccount AccountOf(IssueContext context) =>
        new(context.Setting("subscription"), context.Setting("resourceGroup"), context.Setting("account"));

    private static bool Same(SecretValue key, SecretValue value) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key.Reveal()), Encoding.UTF8.GetBytes(value.Reveal()));
}
