using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>A version that a command has put into the vault and that no row names yet.</summary>
internal sealed record StoredSecret(string Name, string Version);

/// <summary>How commands put values into the vault.</summary>
internal static class VaultWrites
{
    /// <summary>Stores a new version and returns its id. A transient failure is thrown as it is: its message may mention
    /// folders.</summary>
    /// <param name="vault">Vault.</param>
    /// <param name="name">Qualified name.</param>
    /// <param name="value">Value.</param>
    /// <param name="attributes">What the vault tells about it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="what">What people call it.</param>
    /// <exception cref="ConflictException">The vault refused; nothing was changed.</exception>
    public static async Task<string> StoreAsync(
        this ISecretWriter vault,
        string name,
        SecretValue value,
        SecretAttributes attributes,
        CancellationToken cancellationToken,
        string what = "secret"
    )
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

    /// <summary>
    /// Records what was stored. Where that is refused, what was stored is disabled again. After a lost connection or a crash
    /// the rows may exist, so nothing is touched: <c>VaultScan</c> finds versions that no row names.
    /// </summary>
    public static async Task<T> OrDiscardAsync<T>(this ISecretWriter vault, IReadOnlyCollection<StoredSecret> stored, Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (Exception e) when (HasWrittenNothing(e))
        {
            await vault.DiscardAsync(stored);
            throw;
        }
    }

    /// <summary>Whether a command that ended so is sure to have committed nothing.</summary>
    public static bool HasWrittenNothing(Exception exception) =>
        exception is CommandRefusedException or VaultException or InvalidTransitionException or DbUpdateException;

    /// <summary>Disables versions that no row names, after a command was refused.</summary>
    public static async Task DiscardAsync(this ISecretWriter vault, IReadOnlyCollection<StoredSecret> stored)
    {
        foreach (var (name, version) in stored)
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
}
