using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>How commands put values into the vault.</summary>
internal static class VaultWrites
{
    /// <summary>Stores a new version and answers with its id. What passes by itself is thrown as it is: its message may tell of folders.</summary>
    /// <param name="vault">Vault.</param>
    /// <param name="name">Qualified name.</param>
    /// <param name="value">Value.</param>
    /// <param name="attributes">What the vault tells about it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="what">What people call it.</param>
    /// <exception cref="ConflictException">The vault refused; nothing was changed.</exception>
    public static async Task<string> StoreAsync(this ISecretWriter vault, string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken, string what = "secret")
    {
        try
        {
            return await vault.SetAsync(name, value, attributes, cancellationToken);
        }
        catch (VaultException e) when (!e.IsTransient)
        {
            throw new ConflictException(e.Code, $"The vault did not take the {what}: {e.Message} Nothing was changed; try again.");
        }
    }

    /// <summary>Takes a version out of use that no row names, after a command that was refused.</summary>
    public static async Task DiscardAsync(this ISecretWriter vault, string name, string version)
    {
        try
        {
            await vault.DisableAsync(name, version, CancellationToken.None);
        }
        catch (VaultException)
        {
            // It stays in the vault without a row that names it, so nothing can use it; why the command was refused matters more.
        }
    }
}
