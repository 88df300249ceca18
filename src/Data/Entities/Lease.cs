namespace Portkey.Portal.Data;

/// <summary>
/// Who holds a row: who took it, until when by the database's clock, and how often it was taken. Only <see cref="Leases"/> changes
/// it.
/// </summary>
public sealed class Lease
{
    /// <summary>Who holds it; empty when nobody does.</summary>
    public string Owner { get; private set; } = "";

    /// <summary>UTC end by the database's clock; null when nobody holds it.</summary>
    public DateTime? Until { get; private set; }

    /// <summary>Grows each time it is taken; a holder whose epoch is not this one has lost its right to act.</summary>
    public long Epoch { get; private set; }
}

/// <summary>A row that one worker at a time may have.</summary>
public interface ILeased
{
    /// <summary>Who holds it.</summary>
    Lease Lease { get; }
}
