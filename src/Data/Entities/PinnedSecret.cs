namespace Portkey.Portal.Data;

/// <summary>Which version of which secret feeds one setting; never a value.</summary>
public abstract class PinnedSecret
{
    /// <summary>Setting that it feeds, for example <c>REDIS_URL</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name in the vault.</summary>
    public required string VaultName { get; init; }

    /// <summary>Version as people count it.</summary>
    public required int Number { get; init; }

    /// <summary>Version id that the vault gave.</summary>
    public required string VaultVersion { get; init; }

    /// <summary>Hosts and ports that the value names, with commas between; empty for none, or where they were never recorded.</summary>
    public string Address { get; init; } = "";
}

/// <summary>A secret of a request.</summary>
public sealed class RequestSecret : PinnedSecret
{
    /// <summary>Request.</summary>
    public Guid ChangeRequestId { get; init; }

    /// <summary>Credential.</summary>
    public required Guid SecretReferenceId { get; init; }
}

/// <summary>A secret of a revision.</summary>
public sealed class RevisionSecret : PinnedSecret
{
    /// <summary>Revision.</summary>
    public Guid RevisionId { get; init; }

    /// <summary>Credential.</summary>
    public required Guid SecretReferenceId { get; init; }
}

/// <summary>A secret of a values file that was read; it belongs to no credential before a request takes it.</summary>
public sealed class ImportSecret : PinnedSecret
{
    /// <summary>Import.</summary>
    public Guid ImportId { get; init; }
}
