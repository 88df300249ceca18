namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>Why a vault did not do what it was asked.</summary>
public enum VaultFailure
{
    /// <summary>No such secret or version.</summary>
    NotFound,

    /// <summary>The version is disabled.</summary>
    Disabled,

    /// <summary>The portal may not, or the vault does not take such a thing.</summary>
    Forbidden,

    /// <summary>No answer; worth another try.</summary>
    Unavailable,

    /// <summary>What is stored cannot be read, for example because its key is gone.</summary>
    Damaged,

    /// <summary>The name is that of a deleted secret, which the vault still keeps.</summary>
    Conflict,

    /// <summary>Too many calls; worth another try later.</summary>
    Throttled,
}

/// <summary>A vault did not do what it was asked. The message is for people; it never carries a value, a token or an address with its
/// query.</summary>
public sealed class VaultException(VaultFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Kind.</summary>
    public VaultFailure Failure { get; } = failure;

    /// <summary>Word for programs, such as <c>vault-forbidden</c>.</summary>
    public string Code => "vault-" + Failure.ToString().ToLowerInvariant();

    /// <summary>Whether the same call may succeed later although nobody changes anything.</summary>
    public bool IsTransient => Failure is VaultFailure.Unavailable or VaultFailure.Throttled;
}
